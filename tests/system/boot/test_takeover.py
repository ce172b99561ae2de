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
    assert host.guest.show(ROUTER, "FragmentPath") == "/lib/systemd/system/" + ROUTER

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
