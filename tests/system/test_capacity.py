"""A capacity key that is not what it should be: nothing is published, nothing piles up."""

import re

import pytest

from harness.names import OPEN_ORDERS

TEXTS = [
    "abc", "", "3.5", "-1", "3 ", " 3", "+5", "05", "-0", "0x3", "1e1",
    "9223372036854775808", "18446744073709551616", "9" * 400,
]  # fmt: skip


def expect_closed_and_open_again(rig, router):
    rig.must_xadd("BTCUSDT", "BUY", 0.99)
    router.expect("CYCLE read=1 .*no_slots=1")
    rig.expect_pending(0)
    rig.expect_no_intent()
    rig.db.delete(OPEN_ORDERS)
    rig.set_open(0)
    router.expect("CAPACITY_OK open=0 target=3 allowed=2")
    rig.must_xadd("ETHUSDT", "BUY", 0.99)
    rig.expect_intent("ETHUSDT", 130.0)
    rig.expect_drained()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: repr(text[:24]))
def test_unparseable(rig, text):
    router = rig.start_open_router(0)
    rig.set_open(text)
    shown = re.escape(text) if len(text) < 60 else "9{60,}"
    router.expect(f"🔴 CAPACITY_UNPARSEABLE: quantum:state:open_orders='{shown}.?' → fail-closed$")
    expect_closed_and_open_again(rig, router)


def test_forged_line_in_the_value(rig):
    router = rig.start_open_router(0)
    rig.set_open("3\n2026-01-19 12:00:03 [INFO] FORGED")
    router.expect(r"open_orders='3\\x0a2026-01-19 12:00:03 \[INFO\] FORGED' → fail-closed$")
    expect_closed_and_open_again(rig, router)


@pytest.mark.parametrize("kind", ["list", "hash", "stream"])
def test_wrong_type(rig, kind):
    router = rig.start_open_router(0)
    make = {
        "list": ("RPUSH", OPEN_ORDERS, "3"),
        "hash": ("HSET", OPEN_ORDERS, "3", "3"),
        "stream": ("XADD", OPEN_ORDERS, "*", "3", "3"),
    }
    pipe = rig.db.pipeline(transaction=True)
    pipe.delete(OPEN_ORDERS)
    pipe.execute_command(*make[kind])
    pipe.execute()
    router.expect(rf"CAPACITY_UNPARSEABLE: quantum:state:open_orders='\({kind}\)' → fail-closed$")
    expect_closed_and_open_again(rig, router)


def test_missing(rig):
    router = rig.start_open_router(0)
    rig.set_open(None)
    router.expect("CAPACITY_UNKNOWN: quantum:state:open_orders missing → fail-closed$")
    expect_closed_and_open_again(rig, router)


def test_largest_number_is_full(rig):
    router = rig.start_open_router(0)
    rig.set_open("9223372036854775807")
    router.expect("CAPACITY_FULL open=9223372036854775807 max=10$")
    expect_closed_and_open_again(rig, router)
