"""deploy/deploy.sh on a host that is up: good and bad candidates, and a lost terminal."""

import pytest

from deploying import BACKUPS, OPERATOR_ENV, ROUTER
from harness.names import INTENTS, OPEN_ORDERS
from host import DEBS


def test_a_first_deploy_of_one_that_does_not_start_leaves_nothing(host):
    host.redis(f"XADD {INTENTS} '*' source ai_strategy_router")
    host.redis("SET quantum:dedup:trade_intent:x 1")
    keys = host.keys()
    host.open_socket()
    assert "no deploys yet" in host.list()
    bad = host.candidate("never", "echo 'no venue of that name' >&2; exit 1")
    done = host.deploy(bad, "--watch 1")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "waiting until ready" in done.stdout and "watching" not in done.stdout and "not measured" in done.stdout
    report = host.report()
    assert report["deploy"]["verdict"] == "rolled back; nothing ran before"
    assert "did not start: Main process exited, code=exited, status=1/FAILURE" in report["deploy"]["reason"]
    assert report["last words"][0] == ROUTER + ":" and "  no venue of that name" in report["last words"]
    assert "rolled back by itself" in host.list() and "none → " in host.list() and "status=1/FAILURE" in host.list()
    assert host.guest.run(f"ls /usr/bin/quantum* /lib/systemd/system/quantum* /etc/quantum {ROUTER}", check=False).stdout == ""
    assert host.guest.show(ROUTER, "LoadState") == "not-found"
    assert host.keys() == keys


def test_a_dry_run_touches_nothing(host):
    """Of the packages as the build leaves them, those for debuggers among them."""
    host.guest.push(DEBS, "/opt/quantum")
    assert "-dbgsym_" in host.guest.out(f"ls /opt/quantum/{DEBS.name}")
    files, keys = host.files(), host.keys()
    done = host.guest.run(f"{host.program} --packages /opt/quantum/{DEBS.name} --watch 1 --dry-run --init-capacity", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "missing: quantum:state:open_orders" in done.stdout
    assert (host.files(), host.keys()) == (files, keys)


def test_a_first_deploy(host):
    host.guest.write("/etc/quantum/router.env", "CANDIDATE_WINDOW_SEC=0.5\n")
    host.start_signals()
    done = host.deploy(host.good, "--watch 3 --init-capacity")
    assert done.returncode == 0, done.stdout + done.stderr
    assert host.redis(f"GET {OPEN_ORDERS}") == "0"
    assert host.guest.show(ROUTER, "ActiveState") == "active"
    assert host.guest.out(f"systemctl is-enabled {ROUTER}") == "enabled"
    report = host.report()
    assert report["deploy"]["verdict"] == "deployed and proved"
    assert report["evidence"]["BEST_OF_PUBLISH"] > 0 and report["evidence"]["CAPACITY_"] > 0
    assert report["before and after"]["intents published in 3 s"]["after"] > 0


def test_a_build_without_its_tools_is_refused_at_once(host):
    host.guest.write("/opt/quantum/meson.build", "")
    done = host.guest.run(host.program, check=False)
    host.guest.run("rm /opt/quantum/meson.build")
    assert done.returncode == 3 and "needs meson ninja" in done.stderr and "install-packages build" in done.stderr
    assert "command not found" not in done.stderr


def test_an_upgrade_keeps_the_configuration_and_shows_what_differs(host):
    host.guest.run("sed -i 's|# emoji = true;|emoji = false;|' /etc/quantum/router.conf")
    mine = host.guest.read("/etc/quantum/router.conf")
    before = host.keys_without_router()
    with host.users() as passwords:
        refused = host.deploy(host.good, "--watch 1")
        assert refused.returncode == 3 and f"--redis-env {OPERATOR_ENV}" in refused.stderr
        assert host.redis("ACL LOG RESET") == "OK"
        done = host.deploy(host.good, f"--watch 2 --redis-env {OPERATOR_ENV}")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "user=quantum-router" in host.redis("CLIENT LIST") and host.redis("ACL LOG") == ""
        said = refused.stdout + refused.stderr + done.stdout + done.stderr + host.said()
        assert not [word for word in (*passwords, "NOPERM") if word in said.replace(refused.stderr, "")]
        assert not [word for word in passwords if word in refused.stderr]
    assert host.guest.read("/etc/quantum/router.conf") == mine
    assert "  +    emoji = false;" in host.report()["configuration"]
    assert host.keys_without_router() == before
    assert "deployed and proved" in host.list()


@pytest.mark.parametrize(
    ("name", "acts", "why"),
    [
        ("dies", "(sleep 0.7; kill -KILL $$) & exec $real \"$@\"", 
         "did not stay up: Main process exited, code=killed, status=9/KILL"),
        ("doubles", "(while sleep 0.2; do redis-cli XADD quantum:stream:trade.intent '*' source ai_strategy_router payload "
         "'{\"action\":\"BUY\",\"decision_id\":\"one\"}'; done) & exec $real \"$@\"", "had one already"),
        ("elsewhere", "exec $real \"$@\" --keys.group=elsewhere", "lag grows"),
        ("floods", "(for i in {1..60}; do redis-cli XADD quantum:stream:trade.intent '*' source ai_strategy_router payload "
         "\"{\\\"action\\\":\\\"BUY\\\",\\\"decision_id\\\":\\\"d$i-$$\\\"}\"; done) & exec $real \"$@\"", "where the policy allows"),
    ],
)
def test_a_bad_candidate_is_rolled_back(host, name, acts, why):
    files = host.files()
    done = host.deploy(host.candidate(name, acts), "--watch 1")
    assert done.returncode == 1, done.stdout + done.stderr
    report = host.report()
    assert why in report["deploy"]["reason"]
    assert report["deploy"]["verdict"] == "rolled back; what ran before runs again"
    assert host.files() == files
    assert host.guest.show(ROUTER, "ActiveState") == "active"
    assert host.guest.out("systemctl list-units --all --plain --no-legend 'quantum-deploy-rollback*'") == ""


def test_a_candidate_that_refuses_the_configuration_is_refused(host):
    files, pid = host.files(), host.guest.main_pid(ROUTER)
    with host.edited("/etc/quantum/router.conf", "capasity = 3;\n"):
        done = host.deploy(host.good, "--watch 1")
    assert done.returncode == 3 and "capasity" in done.stderr
    assert host.files() == files and host.guest.main_pid(ROUTER) == pid


def test_a_deploy_that_is_killed_is_undone_by_the_timer(host):
    files = host.files()
    other = host.candidate("other", "exec $real \"$@\"")
    host.guest.run(f"({host.program} --candidate {other} --watch 3 --undo-after 4 >/tmp/killed 2>&1 & echo $! >/tmp/deploy.pid)")
    host.guest.wait("the new one", f"grep -q watching {BACKUPS}/$(ls {BACKUPS} | tail -n 1)/phase && systemctl -q is-active {ROUTER}")
    host.guest.run("kill -KILL $(cut -d ' ' -f 1 /run/quantum-deploy/holder)")
    host.guest.wait("the end of what it had started", "flock -n /run/quantum-deploy/lock true")
    refused = host.deploy(host.good, "--watch 1")
    # Until the timer has struck, and while its rollback is at work.
    assert refused.returncode == 3 and ("was interrupted" in refused.stderr or "another deploy" in refused.stderr)
    host.guest.wait("the rollback", f"grep -q rolled-back {BACKUPS}/$(ls {BACKUPS} | tail -n 1)/phase")
    assert host.files() == files
    assert host.guest.show(ROUTER, "ActiveState") == "active"


def test_two_deploys_exclude_each_other(host):
    done = host.guest.run(f"flock /run/quantum-deploy/lock {host.program} --candidate {host.good}", check=False)
    assert done.returncode == 3 and "another deploy" in done.stderr


def test_a_rollback_that_fails_is_told_and_one_that_is_asked_for_helps(host):
    files = host.files()
    frail = host.candidate("frail", "if [[ -e /opt/broken ]]; then exit 1; fi; exec $real \"$@\"")
    assert host.deploy(frail, "--watch 1").returncode == 0
    first = host.newest()
    host.guest.run("touch /opt/broken")
    done = host.deploy(host.candidate("worse", "exit 1"), "--watch 1 --ready 3")
    assert done.returncode == 2 and "THE ROLLBACK FAILED" in done.stderr
    assert host.report()["deploy"]["verdict"] == "ROLLBACK FAILED" and "ROLLBACK FAILED" in host.list()

    host.guest.run("rm /opt/broken")
    for _ in range(2):
        done = host.guest.run(f"{BACKUPS}/{first}/code/deploy.sh --rollback {first}", check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert host.files() == files
        assert host.guest.show(ROUTER, "ActiveState") == "active"
    assert host.list().count("rolled back by hand") == 2 and "ROLLBACK FAILED" not in host.list()
