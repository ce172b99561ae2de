"""What kills the router, or its Redis: it comes back, and nothing is lost or doubled."""

import pytest

from host import ROUTER, answer, check_books, is_ready, keep_books, length, publish_one, start_router

WATCHDOG = f"/etc/systemd/system/{ROUTER}.service.d/watchdog.conf"


@pytest.fixture(scope="module")
def router(guest):
    keep_books(guest)
    start_router(guest)
    return guest


def feed(guest, name, seconds, seed):
    guest.run(f"systemd-run -q --unit={name} quantumctl feed --rate=100 --seconds={seconds} --seed={seed}")


def await_end(guest, name):
    guest.wait("the end of the feed", f"! systemctl is-active -q {name}")
    assert guest.show(name, "Result") == "success"


def await_more_intents(guest):
    before = length(guest)
    guest.wait("more intents", lambda: length(guest) > before)


def await_another(guest, pid):
    """Until systemd has it running again, as another process."""
    guest.wait("it is back", lambda: guest.main_pid(ROUTER) not in (0, pid))
    guest.wait("it is ready", lambda: guest.show(ROUTER, "ActiveState") == "active" and is_ready(guest))


def test_killed(router):
    feed(router, "feed-kill", 5, 1)
    for times in (1, 2, 3):
        await_more_intents(router)
        pid = router.main_pid(ROUTER)
        router.run(f"systemctl kill --kill-whom=main -s KILL {ROUTER}")
        await_another(router, pid)
        assert router.show(ROUTER, "NRestarts") == str(times)
    await_end(router, "feed-kill")
    signals, intents = check_books(router)
    assert signals == 500 and intents > 3


def test_watchdog(router):
    router.write(WATCHDOG, "[Service]\nWatchdogSec=1s\n")
    router.run(f"systemctl daemon-reload && systemctl restart {ROUTER}")
    cursor, pid = router.cursor(), router.main_pid(ROUTER)
    feed(router, "feed-stop", 4, 2)
    await_more_intents(router)
    router.run(f"kill -STOP {pid}")
    await_another(router, pid)
    router.expect(r"Watchdog timeout", ROUTER, cursor)
    await_more_intents(router)
    await_end(router, "feed-stop")
    assert check_books(router)[0] == 900


def test_redis_away(router):
    cursor, pid = router.cursor(), router.main_pid(ROUTER)
    router.run("systemctl stop redis-server")
    router.expect("REDIS_LOST", ROUTER, cursor)
    assert router.out(f"systemctl is-active {ROUTER}") == "active" and answer(router, "/readyz")[0] == 503
    assert router.run("quantumctl status --sample=0", check=False).returncode == 3
    router.run("systemctl start redis-server")
    router.expect("REDIS_BACK", ROUTER, cursor)
    router.wait("it is ready", lambda: is_ready(router))
    assert router.main_pid(ROUTER) == pid
    publish_one(router)
    check_books(router)


def test_starts_before_redis(router):
    router.run(f"systemctl stop redis-server {ROUTER}; systemctl start --no-block {ROUTER}")
    router.wait("a status", lambda: "Redis" in router.show(ROUTER, "StatusText"))
    assert router.show(ROUTER, "ActiveState") == "activating"
    router.run("systemctl start redis-server")
    router.wait("it is active", f"systemctl is-active {ROUTER}")
    publish_one(router, "ETHUSDT")
    check_books(router)
