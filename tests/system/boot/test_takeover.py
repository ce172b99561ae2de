"""deploy/deploy.sh where somebody else reads already: an old router is taken over, and comes back by a rollback."""

from deploying import ROUTER
from harness.names import CONSUMER, GROUP, INTENTS, LEADER, OPEN_ORDERS, SIGNALS


def test_an_old_router_is_taken_over_and_restored(host):
    host.guest.write("/etc/quantum/router.env", "CANDIDATE_WINDOW_SEC=0.5\n")
    host.redis(f"SET {OPEN_ORDERS} 1")
    host.leave_pending(20_000)
    host.start_old_router()
    host.start_signals()
    host.guest.wait("the old router's intents", f"test $(redis-cli XLEN {INTENTS}) -gt 20")

    bad = host.deploy(host.candidate("bad", "exit 1"), "--watch 1")
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert host.old_router_runs()

    done = host.deploy(host.good, "--watch 2")
    assert done.returncode == 0, done.stdout + done.stderr
    report = host.report()
    assert any("/etc/systemd/system/" + ROUTER in line for line in report["takeover"])
    assert report["figures"]["reduction_percent"] > 50
    assert report["evidence"]["CONSUMER_SHARED"] == 1
    pending = report["before and after"]["router: pending"]
    assert pending["before"] >= 20_000 and pending["after"] < 1000
    # Where /lib is /usr/lib, systemd says the latter from Debian 13 on.
    assert host.guest.show(ROUTER, "FragmentPath").removeprefix("/usr") == "/lib/systemd/system/" + ROUTER

    done = host.guest.run(f"{host.program} --rollback", check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert host.old_router_runs()


def test_a_reader_that_no_unit_runs_is_named_and_nothing_is_touched(host):
    host.remove_all()
    host.redis(f"DEL {LEADER}")
    host.guest.run("systemd-run -q --unit=stray /opt/old/ai_strategy_router")
    host.guest.wait("a reader", f"redis-cli XINFO CONSUMERS {SIGNALS} {GROUP} | grep -q {CONSUMER}")
    done = host.deploy(host.good, "--watch 1")
    assert done.returncode == 3 and f"reads {SIGNALS} as {GROUP}/{CONSUMER}" in done.stderr
    assert "of stray.service" in done.stderr


# It publishes what it decides to the router and to the intents at once.
ENGINE = f"""#!/bin/bash
while sleep 0.2; do
    id=$(redis-cli XADD {SIGNALS} '*' symbol BTCUSDT side BUY confidence 0.95)
    redis-cli XADD {INTENTS} '*' source engine payload '{{"symbol":"BTCUSDT","action":"BUY","position_size_usd":100}}' trace_id $id
done
"""


def test_a_neighbour_that_publishes_itself_is_named_before_and_after(host):
    """U5: each of its decisions would be two orders."""
    host.guest.run("systemctl stop stray", check=False)
    host.remove_all()
    host.redis(f"DEL {INTENTS} {LEADER}")
    host.redis(f"XGROUP DELCONSUMER {SIGNALS} {GROUP} {CONSUMER}")
    host.guest.write("/opt/engine", ENGINE, 0o755)
    host.guest.run("systemd-run -q --unit=engine /opt/engine")
    host.guest.wait("its intents", f"test $(redis-cli XLEN {INTENTS}) -gt 5")
    done = host.deploy(host.good, "--watch 1 --dry-run")
    assert done.returncode == 3 and f"somebody else writes {INTENTS}: engine, " in done.stderr, done.stdout + done.stderr

    done = host.deploy(host.good, "--watch 2 --allow-other-writer=engine")
    assert done.returncode == 0, done.stdout + done.stderr
    assert host.report()["proof"]["other writers"] == "only who was allowed"
    assert any("since the switch" in line and "engine, " in line for line in host.report()["warnings"])
    assert "is written by engine, too" in host.guest.run("quantumctl status --sample=0", check=False).stdout

    # It begins when nobody looks any more.
    host.guest.run("systemctl stop engine")
    host.redis(f"DEL {INTENTS}")
    late = host.candidate("late", "bash /opt/engine >/dev/null & exec $real \"$@\"")
    done = host.deploy(late, "--watch 2")
    assert done.returncode == 1, done.stdout + done.stderr
    assert host.report()["deploy"]["reason"].startswith(f"since the switch somebody else writes {INTENTS}: engine, ")
    assert host.report()["deploy"]["verdict"] == "rolled back; what ran before runs again"
