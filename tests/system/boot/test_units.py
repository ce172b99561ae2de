"""Who runs as whom, the executor, the drain, a router for an account, what status says, and a reboot."""

import json

import pytest

from harness.names import EXECUTORS, INTENTS
from host import EXECUTOR, ROUTER, is_ready, keep_books, length, publish_one, start_router

ACCOUNT = f"{ROUTER}@acct7"
PAGE = "quantum-web"


@pytest.fixture(scope="module")
def router(guest):
    keep_books(guest)
    start_router(guest)
    return guest


def status_of(guest, unit):
    lines = guest.read(f"/proc/{guest.main_pid(unit)}/status").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def expect_unprivileged(guest, unit):
    status = status_of(guest, unit)
    user = guest.out("id -u quantum")
    assert user != "0" and set(status["Uid"].split()) == {user}
    assert {status[name] for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb")} == {"0" * 16}
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def test_drain(router):
    """A dry run, which writes nothing."""
    publish_one(router)
    router.run(f"redis-cli XGROUP CREATE {INTENTS} {EXECUTORS} 0")
    before = router.out("redis-cli DBSIZE")
    cursor = router.cursor()
    router.run("systemctl start quantum-drain.service")
    assert "dry" in router.journal("quantum-drain", cursor)
    assert router.out("redis-cli DBSIZE") == before
    assert router.show("quantum-drain.timer", "UnitFileState") == "disabled"


def test_executor(router):
    router.run(f"systemctl enable --now {EXECUTOR}")
    router.expect("SAFE_DRAIN mode ENABLED", EXECUTOR)
    router.expect("SAFE_DRAIN would execute", EXECUTOR)
    router.wait("it is ready", lambda: is_ready(router, 8057))


def test_account(router):
    router.run("sed -e 's|^# prefix = .*|prefix = \"quantum:{acct7}:\";|' /etc/quantum/router.conf"
               " > /etc/quantum/router-acct7.conf")
    router.write("/etc/quantum/router-acct7.env", "ROUTER_METRICS_LISTEN=127.0.0.1:8158\nCANDIDATE_WINDOW_SEC=0.3\n")
    router.run(f"redis-cli SET 'quantum:{{acct7}}:state:open_orders' 0; systemctl enable --now {ACCOUNT}")
    assert is_ready(router, 8158) and is_ready(router)
    router.run("quantumctl --config=/etc/quantum/router-acct7.conf send BTCUSDT BUY 0.95")
    router.wait("its intent", lambda: length(router, "quantum:{acct7}:stream:trade.intent") == 1)
    assert length(router) == 1


def test_page(router):
    """Under its own unit it sees Redis, the router's window and systemd; by another name it is not to be had."""
    assert router.show(PAGE, "UnitFileState") == "disabled"
    router.run(f"systemctl enable --now {PAGE}")
    ask = "curl -s -o /dev/null -w '%{http_code}' http://127.0.0.1:8056"
    assert router.out(f"{ask}/") == "200" and router.out(f"{ask}/state.json -H 'Host: evil.example'") == "421"
    state = json.loads(router.out("curl -s http://127.0.0.1:8056/state.json"))
    assert state["up"] and state["window"]["state"] == "running"
    assert state["status"]["services"][f"{ROUTER}.service"] == "active (running)"


def test_nobody_is_root(router):
    for unit in (ROUTER, EXECUTOR, ACCOUNT, PAGE):
        expect_unprivileged(router, unit)
    users = {line.split()[0] for line in router.out("ps -eo user:32,args").splitlines() if "/usr/bin/quantum" in line}
    assert users == {"quantum"}


def test_status(router):
    done = router.run("quantumctl status --sample=0 --json", check=False)
    services = json.dumps(json.loads(done.stdout)["services"])
    assert done.returncode == 0, done.stdout
    for unit in (ROUTER, EXECUTOR):
        assert unit in services
    assert "active" in services
    router.run(f"systemctl stop {EXECUTOR}")
    done = router.run("quantumctl status --sample=0", check=False)
    assert done.returncode > 0 and "inactive" in done.stdout
    router.run(f"systemctl start {EXECUTOR}")


def test_a_status_that_is_critical_is_told(router):
    """By the examples, put there as their words say; to nobody, since no chat is named."""
    router.run("cd /usr/share/quantum/examples && install -m 644 quantum-status.* quantum-notify@.service /etc/systemd/system"
               " && systemctl daemon-reload && systemctl enable --now quantum-status.timer && systemctl start quantum-status")
    assert "health: " in router.journal("quantum-status") and router.show("quantum-status.timer", "ActiveState") == "active"
    cursor = router.cursor()
    router.run("quantumctl halt to see who is told")
    done = router.run("systemctl start quantum-status", check=False)
    assert done.returncode and router.show("quantum-status", "ExecMainStatus") == "2"
    router.expect("Tells that quantum-status has failed", since=cursor)
    router.run("quantumctl resume; systemctl disable --now quantum-status.timer; systemctl reset-failed")


def test_reboot(router):
    before, boot = length(router), router.out("cat /proc/sys/kernel/random/boot_id")
    router.reboot()
    assert router.out("cat /proc/sys/kernel/random/boot_id") != boot
    for port in (8058, 8057, 8158):
        router.wait(f"readiness on {port}", lambda port=port: is_ready(router, port))
    assert length(router) == before
    publish_one(router, "ETHUSDT")
