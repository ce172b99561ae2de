"""Reloads: a good configuration takes effect, a broken one changes nothing and is told."""

import pytest

from harness.names import OPEN_ORDERS
from host import CONF, ROUTER, start_router


@pytest.fixture(scope="module")
def router(guest):
    start_router(guest)
    return guest


def set_option(guest, name, value):
    """Puts an option of the shipped file into force."""
    guest.run(f"sed -i -E 's|^( *)(# *)?{name} = .*|\\1{name} = {value};|' {CONF} && grep -q '{name} = {value};' {CONF}")


def test_changed(router):
    cursor, pid = router.cursor(), router.main_pid(ROUTER)
    set_option(router, "target_open", 5)
    router.run(f"systemctl reload {ROUTER}")
    router.expect(r"CONFIG_CHANGE .*target_open", ROUTER, cursor)
    router.expect("CONFIG_RELOADED", ROUTER, cursor)
    router.run(f"redis-cli SET {OPEN_ORDERS} 4")
    router.expect(r"CAPACITY_OK open=4 target=5 allowed=1", ROUTER, cursor)
    assert router.main_pid(ROUTER) == pid


def test_broken(router):
    cursor, pid = router.cursor(), router.main_pid(ROUTER)
    set_option(router, "target_open", '"many"')
    done = router.run(f"systemctl reload {ROUTER}", check=False)
    assert done.returncode != 0 and "failed" in done.stderr
    router.expect(r"router\.conf:\d+: .*target_open", ROUTER, cursor)
    assert router.out(f"systemctl is-active {ROUTER}") == "active" and router.main_pid(ROUTER) == pid
    router.run(f"redis-cli SET {OPEN_ORDERS} 3")
    router.expect(r"CAPACITY_OK open=3 target=5 allowed=2", ROUTER, cursor)


def test_broken_by_signal(router):
    cursor = router.cursor()
    router.run(f"systemctl kill --kill-whom=main -s HUP {ROUTER}")
    router.expect("CONFIG_REJECTED", ROUTER, cursor)
    router.run(f"redis-cli SET {OPEN_ORDERS} 4")
    router.expect(r"CAPACITY_OK open=4 target=5 allowed=1", ROUTER, cursor)


def test_does_not_start_with_it(router):
    done = router.run(f"systemctl restart {ROUTER}", check=False)
    assert done.returncode != 0
    router.wait("it has failed", lambda: router.show(ROUTER, "ActiveState") == "failed")
    assert router.show(ROUTER, "ExecMainStatus") == "2" and router.show(ROUTER, "NRestarts") == "0"


def test_corrected(router):
    set_option(router, "target_open", 5)
    router.run(f"systemctl start {ROUTER}")
    assert router.out(f"systemctl is-active {ROUTER}") == "active"
