"""The oracle itself: what must never happen, written into the file by hand, is found."""

import pytest

from harness.ledger import Ledger, Rules, encode_command, read_transactions
from harness.names import DECISIONS, EXECUTORS, OPEN_ORDERS

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


def record_of(commit):
    """The command that writes it, and the others."""
    [record] = [command for command in commit if command[:2] == ["XADD", DECISIONS]]
    return record, [command for command in commit if command is not record]


def without_its_record(commit):
    return [record_of(commit)[1]]


def with_its_record_alone(commit):
    record, rest = record_of(commit)
    return [[record], rest]


def with_its_record_twice(commit):
    record, rest = record_of(commit)
    return [[*rest[:-1], record, record, rest[-1]]]


def with_its_record_behind_the_acks(commit):
    record, rest = record_of(commit)
    return [[*rest, record]]


def changed(commit, name, old, new):
    """One field of its record."""
    record, _ = record_of(commit)
    at = record.index(name) + 1
    forged = [*record[:at], record[at].replace(old, new), *record[at + 1 :]]
    assert forged != record
    return [[forged if command is record else command for command in commit]]


def with_another_fate(commit):
    return changed(commit, "rows", " published 1 ", " outranked 1 ")


def with_another_number(commit):
    return changed(commit, "rows", " 0.95 0.95 ", " 0.95 0.96 ")


def with_another_count(commit):
    return changed(commit, "tally", "published=1", "published=2")


def with_another_one_before(commit):
    return changed(commit, "prev", "", "0" * 64)


def without_a_lease(commit):
    return [[["DEL", "quantum:router:leader"]], commit]


@pytest.mark.parametrize(
    "forge, complaint",
    [
        (again, " after "),
        (under_another_epoch, "a foreign epoch"),
        (without_room, r"\[0\.95\], and room \[Room\(used=10, allowed=0, least=0\.9\)\]"),
        (without_its_counter, ""),
        (without_its_ack, ""),
        (without_a_lease, "nobody holds the lease"),
        (without_its_record, "0 records of the commit"),
        (with_its_record_alone, "a record without its commit"),
        (with_its_record_twice, "2 records of the commit"),
        (with_its_record_behind_the_acks, "is out of its place"),
        (with_another_fate, "and not its rows"),
        (with_another_number, "1 rows, 1 intents, "),
        (with_another_count, "counts .* and ACKed 1"),
        (with_another_one_before, "follows None, and names 0000"),
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


def test_what_was_finished_since_the_last_commit_may_have_been_counted(tmp_path):
    """At the target supers have more room than others have below it."""
    ledger = Ledger(tmp_path, Rules())
    ledger.take_in([["SET", OPEN_ORDERS, "2"]])
    ledger.take_in([["XGROUP", "CREATE", INTENTS, EXECUTORS, "0"], ["XADD", INTENTS, "5-1", "payload", ""]])
    assert ledger.rooms(6) == [(2, 1, 0)]  # a group without consumers counts nothing
    ledger.take_in([["XGROUP", "CREATECONSUMER", INTENTS, EXECUTORS, "one"]])
    assert ledger.rooms(6) == [(3, 2, 0.9)]
    ledger.take_in([["XCLAIM", INTENTS, EXECUTORS, "one", "0", "5-1", "LASTID", "5-1"]])
    ledger.take_in([["XACK", INTENTS, EXECUTORS, "5-1"]])
    assert ledger.rooms(6) == [(2, 1, 0), (3, 2, 0.9)]
    ledger.take_in([["SET", OPEN_ORDERS, "1"]])
    assert ledger.rooms(6) == [(1, 2, 0)]
    ledger.take_in([["SET", OPEN_ORDERS, "2"]])  # as a follower that is late sets it
    assert ledger.rooms(6) == [(2, 1, 0), (3, 2, 0.9)]
