"""quantumctl positions: what is held, what the executor keeps of it, and whether it agrees with the open orders."""

import json

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.names import OPEN_ORDERS, POSITIONS
from harness.signals import signal as entry

HELD = "quantum:state:positions"
PRICE = "quantum:price:"


def document(rig, *words, **env):
    return json.loads(must(rig, "positions", "--json", *words, **env))


def hold(rig, open_orders, held):
    pipe = rig.db.pipeline(transaction=True)
    pipe.delete(HELD)
    pipe.set(OPEN_ORDERS, open_orders)
    if held:
        pipe.hset(HELD, mapping=held)
    pipe.execute()


def position(**more):
    """As the executor keeps it."""
    fields = {
        "symbol": "BTCUSDT", "side": "BUY", "handed_over": False, "size_usd": 200.0, "quantity": 2.0, "price": 100.0,
        "leverage": 1.0, "fee_usd": 0.08, "stop_loss": 0.0, "take_profit": 0.0, "opened_ms": 1768824003000, "closes_ms": 0,
        "decision_id": "d-1", "signal_id": "1-1",
    }  # fmt: skip
    return json.dumps({**fields, **more})


def of(document, symbol):
    [row] = [row for row in document["symbols"] if row["symbol"] == symbol]
    return row


# --- whether it agrees


@pytest.mark.parametrize(
    "open_orders, held, agrees, why",
    [
        (0, {}, True, None),
        (3, {"BTCUSDT": "BUY", "ETHUSDT": "SELL 2"}, True, None),
        (3, {"BTCUSDT": "BUY 1", "ETHUSDT": "SELL"}, False, "3 open, 2 held"),
        (1, {"BTCUSDT": "BUY", "ETHUSDT": "SELL"}, False, "1 open, 2 held"),
        (0, {"BTCUSDT": "BUY"}, False, "0 open, 1 held"),
        (3, {}, None, f"{HELD} is missing"),
        ("abc", {"BTCUSDT": "BUY"}, None, "open orders are not known"),
        (1, {"btcusdt": "BUY"}, None, f"{HELD}: 'btcusdt' 'BUY' is no symbol with BUY or SELL"),
        (1, {"BTCUSDT": "LONG"}, None, f"{HELD}: 'BTCUSDT' 'LONG' is no symbol with BUY or SELL"),
        (0, {"BTCUSDT": "BUY 0"}, None, f"{HELD}: 'BTCUSDT' 'BUY 0' is no symbol with BUY or SELL"),
        (1, {"\x1b[31mred\n": "BUY"}, None, f"{HELD}: '\\x1b[31mred\\x0a' 'BUY' is no symbol with BUY or SELL"),
    ],
)
def test_it_says_whether_it_agrees(rig, open_orders, held, agrees, why):
    hold(rig, open_orders, held)
    said = document(rig)
    assert (said["held"]["agrees"], said["held"]["why"], said["held"]["key"]) == (agrees, why, HELD)
    words = {True: f"agrees: {open_orders} open, {open_orders} held", False: f"disagrees: {why}", None: f"not known: {why}"}
    shown = must(rig, "positions")
    assert shown.splitlines()[-1] == words[agrees] and "\x1b" not in shown
    assert ("nothing is held" in shown) == (open_orders == 0 and not held)


def test_the_hash_of_another_name(rig):
    hold(rig, 1, {})
    rig.db.hset("neighbours:held", "BTCUSDT", "BUY")
    said = json.loads(must(rig, "--keys.held=neighbours:held", "positions", "--json"))
    assert (said["held"]["key"], said["held"]["agrees"]) == ("neighbours:held", True)


def test_open_orders_that_are_missing(rig):
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    said = document(rig)
    assert (said["open_orders"], said["held"]["agrees"], said["held"]["count"]) == (None, None, 1)


@pytest.mark.parametrize("command, kind", [("RPUSH", "list"), ("SET", "string")])
def test_what_is_no_hash(rig, command, kind):
    rig.db.set(OPEN_ORDERS, 0)
    rig.db.execute_command(command, HELD, "x")
    assert document(rig)["held"]["why"] == f"{HELD} is a {kind}, not a hash"


def test_more_symbols_than_anybody_reads(rig):
    hold(rig, 10_000, {f"SYM{n}": "BUY" for n in range(10_000)})
    said = document(rig)
    assert said["held"]["agrees"] is True and len(said["symbols"]) == 10_000
    assert must(rig, "positions").count("\n") == 10_002
    rig.db.hset(HELD, "ONEMORE", "BUY")
    said = document(rig)
    assert (said["held"]["why"], said["symbols"]) == (f"{HELD} has 10001 fields, over 10000", [])


# --- what is told of each


def test_by_hand_there_is_symbol_side_and_number_alone(rig):
    hold(rig, 3, {"ETHUSDT": "SELL 2", "BTCUSDT": "BUY"})
    assert must(rig, "positions").splitlines() == [
        "symbol   side  held  for  usd  price  last  profit",
        "BTCUSDT  BUY      1    -    -      -     -       -",
        "ETHUSDT  SELL     2    -    -      -     -       -",
        "agrees: 3 open, 3 held",
    ]
    said = document(rig)
    assert [(row["symbol"], row["side"], row["count"]) for row in said["symbols"]] == [("BTCUSDT", "BUY", 1), ("ETHUSDT", "SELL", 2)]
    assert of(said, "ETHUSDT")["since"] is of(said, "ETHUSDT")["price"] is of(said, "ETHUSDT")["profit_usd"] is None
    assert said["positions"] == {"key": POSITIONS, "count": 0}


def test_what_the_executor_keeps_says_more(rig):
    rig.db.hset(POSITIONS, mapping={
        "1-0": position(),
        "2-0": position(price=200.0, size_usd=200.0, opened_ms=1768824009000),
        "3-0": position(symbol="ETHUSDT", side="SELL", price=50.0),
        "4-0": position(symbol="XRPUSDT", price=0.0),
    })  # fmt: skip
    hold(rig, 4, {"BTCUSDT": "BUY 2", "ETHUSDT": "SELL", "XRPUSDT": "BUY"})
    rig.db.mset({PRICE + "BTCUSDT": "150", PRICE + "ETHUSDT": "55", PRICE + "XRPUSDT": "2"})
    said = document(rig)
    assert of(said, "BTCUSDT") == {
        "symbol": "BTCUSDT", "side": "BUY", "count": 2, "since": "2026-01-19T12:00:03.000Z", "size_usd": 400.0,
        "price": 133.33333333, "last_price": 150.0, "profit_usd": 50.0,
    }  # fmt: skip
    assert (of(said, "ETHUSDT")["profit_usd"], of(said, "XRPUSDT")["profit_usd"], of(said, "XRPUSDT")["price"]) == (-20.0, None, None)
    assert said["held"]["agrees"] is True and said["positions"]["count"] == 4
    assert "unrealised: +30.00 USD without fees, of 2 of 3\nagrees: 4 open, 4 held\n" in must(rig, "positions")


@pytest.mark.parametrize("price", ["abc", "0", "-1", "nan", "", "1e400"])
def test_a_price_that_is_none_is_not_known(rig, price):
    rig.db.hset(POSITIONS, "1-0", position())
    hold(rig, 1, {"BTCUSDT": "BUY"})
    rig.db.set(PRICE + "BTCUSDT", price)
    assert of(document(rig), "BTCUSDT")["last_price"] is None
    rig.db.delete(PRICE + "BTCUSDT")
    rig.db.rpush(PRICE + "BTCUSDT", "1")
    assert of(document(rig), "BTCUSDT")["profit_usd"] is None


def test_what_the_executor_holds_and_the_hash_does_not_say(rig):
    """An executor that does not keep the hash, or one whose positions somebody changed."""
    rig.db.hset(POSITIONS, mapping={"1-0": position(), "2-0": position(), "3-0": "rubbish"})
    rig.db.set(OPEN_ORDERS, 3)
    shown = must(rig, "positions").splitlines()
    assert shown[1].split()[:3] == ["BTCUSDT", "BUY", "2"]
    assert shown[-3:] == [
        f"not known: {HELD} is missing",
        f"{POSITIONS} holds 3 positions, not 0",
        f"{POSITIONS} holds 1 position that cannot be read",
    ]
    rig.db.delete(POSITIONS)
    rig.db.set(POSITIONS, "x")
    assert document(rig)["positions"] == {"key": POSITIONS, "count": None}


def test_an_executor_at_work(rig):
    rig.start_open_router(0)
    rig.start_paper()
    rig.must_write(entry("BTCUSDT", entry_price=50000))
    rig.expect_result("filled")
    rig.db.set(PRICE + "BTCUSDT", "51000")
    said = document(rig)
    row = of(said, "BTCUSDT")
    assert (row["side"], row["count"]) == ("BUY", 1) and row["profit_usd"] > 0 and row["since"]
    assert (said["held"]["agrees"], said["held"]["count"]) == (True, 1)


# --- rights, a narrow terminal, wrong usage


def test_rights_that_lack(rig):
    hold(rig, 1, {"BTCUSDT": "BUY"})
    rig.db.hset(POSITIONS, "1-0", position())
    rig.db.acl_setuser("few", enabled=True, nopass=True, commands=["+@all"], keys=[OPEN_ORDERS, POSITIONS])
    url = rig.redis.url.replace("unix://", "unix://few:x@", 1)
    done = ctl("positions", "--json", url=url)
    said = json.loads(done.stdout)
    assert (done.returncode, said["held"]["why"]) == (0, f"this user may not read {HELD}")
    assert of(said, "BTCUSDT")["size_usd"] == 200.0
    rig.db.acl_setuser("few", enabled=True, reset_keys=True, keys=[HELD])
    expect_refused(1, "NOPERM", "positions", url=url)


def test_it_fits_into_eighty_columns(rig):
    rig.db.hset(POSITIONS, "1-0", position(symbol="1000PEPEUSDT", price=0.012345678, size_usd=12345.67))
    hold(rig, 1, {"1000PEPEUSDT": "BUY"})
    rig.db.set(PRICE + "1000PEPEUSDT", "0.012345679")
    assert max(map(len, must(rig, "positions").splitlines())) <= 80


def test_wrong_usage():
    expect_refused(2, "", "positions", "BTCUSDT")
    expect_refused(1, "Redis", "positions", url="redis://127.0.0.1:1")
