"""The oracle itself: what must never happen, written into the file by hand, is found."""

import pytest

from harness.ledger import Ledger, encode_command, read_transactions

COMMIT = "quantum:router:commit"
INTENTS = "quantum:stream:trade.intent"


def published_once(rig):
    """The file, and the transaction that published."""
    rig.start_open_router(0)
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")
    rig.expect_drained()
    rig.close_routers()
    ledger = rig.check_ledger()
    assert len(ledger.published) == ledger.commits == ledger.counted() == 1
    transactions = list(read_transactions(ledger.files[-1].read_bytes()))
    [commit] = [t for t in transactions if any(c[:2] == ["XADD", INTENTS] for c in t)]
    return ledger.files[-1], transactions, transactions.index(commit)


def write(file, transactions):
    body = b""
    for transaction in transactions:
        body += b"".join(map(encode_command, [["MULTI"], *transaction, ["EXEC"]]))
    file.write_bytes(body)


def again(commit):
    return [commit, commit]


def under_another_epoch(commit):
    return [[["HSET", COMMIT, "epoch", "other"], ["SET", "quantum:router:leader", "x"]], commit]


def without_room(commit):
    return [[["SET", "quantum:state:open_orders", "10"]], commit]


def without_its_counter(commit):
    return [[command for command in commit if command[0] != "INCRBY"]]


def without_its_ack(commit):
    return [[command for command in commit if command[0] != "XACK"]]


def without_a_lease(commit):
    return [[["DEL", "quantum:router:leader"]], commit]


@pytest.mark.parametrize(
    "forge, complaint",
    [
        (again, " after "),
        (under_another_epoch, "a foreign epoch"),
        (without_room, "1 intents, 0 allowed"),
        (without_its_counter, ""),
        (without_its_ack, ""),
        (without_a_lease, "nobody holds the lease"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_forged_books(durable_rig, forge, complaint):
    rig = durable_rig
    file, transactions, at = published_once(rig)
    rig.redis.kill()
    write(file, transactions)
    Ledger(rig.folder, rig.rules).check()
    write(file, [*transactions[:at], *forge(transactions[at]), *transactions[at + 1 :]])
    with pytest.raises(AssertionError, match=complaint):
        Ledger(rig.folder, rig.rules).check()
