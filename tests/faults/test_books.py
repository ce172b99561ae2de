"""The oracle itself: what is lost, left over, or dropped without want of room is found."""

import json

import pytest
from books import Books
from harness.executor import intent
from harness.ledger import encode_command, entry_of, id_of, read_transactions
from harness.names import COMMIT, EXECUTORS, HELD, INTENTS, OPEN_ORDERS, SIGNALS
from soak_books import SoakBooks


def write(file, transactions):
    file.write_bytes(b"".join(encode_command(c) for t in transactions for c in [["MULTI"], *t, ["EXEC"]]))


@pytest.fixture
def books(stage):
    """A file with two publications, to be forged: (what to write it with, its transactions, the last commit)."""
    stage.lead("a")
    stage.write(0.5)
    stage.expect_drained()
    stage.works()
    stage.close_routers()
    [file] = (stage.folder / "appendonlydir").glob("*.incr.aof")
    whole = file.read_bytes()
    transactions = list(read_transactions(whole))
    at = [n for n, t in enumerate(transactions) if any(c[:2] == ["XADD", INTENTS] for c in t)][-1]

    def check(changed, kind=Books):
        write(file, changed)
        try:
            return kind(stage.folder, stage.rules).check()
        finally:
            file.write_bytes(whole)

    return check, transactions, at


def without(transaction, *verbs):
    return [c for c in transaction if c[0] not in verbs]


def test_as_it_is(books):
    check, transactions, _ = books
    fates = check(transactions).expect_none_lost().fates()
    assert sorted((fate, len(ids)) for fate, ids in fates.items()) == [("low_confidence", 1), ("published", 2)]


def test_acked_and_not_published_is_lost(books):
    check, transactions, at = books
    acked = [[c for c in transactions[at] if c[0] == "XACK"]]
    with pytest.raises(AssertionError, match="unpublished: 1"):
        check([*transactions[:at], *acked, *transactions[at + 1 :]]).expect_none_lost()


@pytest.mark.parametrize("given, said", [(True, "pending: 1"), (False, "undelivered: 1")])
def test_left_over(books, given, said):
    """The file ends before the last commit, or before its signal was given to anybody."""
    check, transactions, at = books
    while not given and any(c[0] == "XADD" for c in transactions[at - 1]) is False:
        at -= 1
    with pytest.raises(AssertionError, match=said):
        check(transactions[:at]).expect_none_lost()


def test_counted_differently(books):
    check, transactions, at = books
    day = next(c[1] for c in transactions[at] if c[0] == "INCRBY")
    forged = check([*transactions, [["INCRBY", day, "1"]]])
    assert forged.counted() == forged.ours + 1


@pytest.mark.parametrize("value, fails", [("0", True), ("2000000", False), ("x", False)])
def test_dropped_without_want_of_room(stage, books, value, fails):
    check, transactions, at = books
    stage.rules.records = None
    bare = without(transactions[at], "XADD", "INCRBY", "EXPIREAT", "SET")
    bare = [c for c in bare if c[0] != "PEXPIREAT"]
    assert any(c[:2] == ["HSET", COMMIT] for c in bare) and any(c[:2] == ["XACK", SIGNALS] for c in bare)
    forged = [*transactions[:at], [["SET", OPEN_ORDERS, value]], bare]
    if fails:
        with pytest.raises(AssertionError, match="dropped for want of room"):
            check(forged, SoakBooks)
    else:
        assert check(forged, SoakBooks).ends["no room"] == 1


def last_chosen(transaction):
    """The id and the symbol of what it publishes."""
    [(id, fields)] = [entry_of(c) for c in transaction if c[:2] == ["XADD", INTENTS]]
    return id, json.loads(fields["payload"])["symbol"]


def commit_before(transactions, at):
    """What is true before it was true for every look of the commit behind it."""
    return max(n for n in range(at) if any(c[:2] == ["HSET", COMMIT] and "seq" in c for c in transactions[n]))


@pytest.mark.parametrize("value, count, fails", [("BUY", "1", True), ("SELL 2", "2", True), ("BUY", "2", False), ("LONG", "1", False)])
def test_published_what_is_held(books, value, count, fails):
    """Only where what is held agrees with the count, or no router believes it."""
    check, transactions, at = books
    _, symbol = last_chosen(transactions[at])
    before = commit_before(transactions, at)
    forged = [*transactions[:before], [["HSET", HELD, symbol, value], ["SET", OPEN_ORDERS, count]], *transactions[before:]]
    if fails:
        with pytest.raises(AssertionError, match=f"published what is held: {{'{symbol}'}}"):
            check(forged)
    else:
        check(forged)


def hold_before(books, value):
    """The transactions, with the last one's symbol held so before it was decided."""
    _, transactions, at = books
    _, symbol = last_chosen(transactions[at])
    before = commit_before(transactions, at)
    return [*transactions[:before], [["HSET", HELD, symbol, value], ["SET", OPEN_ORDERS, "1"]], *transactions[before:]]


def fly_before(books, action):
    """The same, with somebody's intent for it in flight."""
    _, transactions, at = books
    id, symbol = last_chosen(transactions[at])
    before = commit_before(transactions, at)
    group = [["XGROUP", "CREATE", INTENTS, EXECUTORS, "0", "MKSTREAM"], ["XGROUP", "CREATECONSUMER", INTENTS, EXECUTORS, "one"]]
    theirs = [["XADD", INTENTS, f"{id_of(id)[0] - 1}-0", "payload", intent(symbol.lower(), action)["payload"]]]
    return [*transactions[:before], group, *transactions[before:at], theirs, *transactions[at:]]


@pytest.mark.parametrize("forge", [hold_before, fly_before])
@pytest.mark.parametrize("rule, free, refused", [("adds", "BUY", "SELL"), ("passes", "SELL", "BUY")])
def test_published_beside_what_the_rules_leave_free(books, stage, forge, rule, free, refused):
    """It is BUY; what may be added to may not be opposed, and the other way round."""
    check, _, _ = books
    setattr(stage.rules, rule, True)
    check(forge(books, free))
    with pytest.raises(AssertionError, match="published what is"):
        check(forge(books, refused))
    setattr(stage.rules, rule, False)
    with pytest.raises(AssertionError, match="published what is"):
        check(forge(books, free))


def test_held_is_judged_where_it_was_known_all_along(books):
    """The decision may have looked before it came to be known; where it was no longer held it is no trouble either."""
    check, transactions, at = books
    _, symbol = last_chosen(transactions[at])
    held, flat = ([["HSET", HELD, symbol, "BUY"], ["SET", OPEN_ORDERS, "1"]], [["HDEL", HELD, symbol], ["SET", OPEN_ORDERS, "0"]])
    before = commit_before(transactions, at)
    check([*transactions[:before], held, flat, *transactions[before:]])
    check([*transactions[:before], held, *transactions[before:at], flat, *transactions[at:]])
    check([*transactions[: before + 1], [["DEL", OPEN_ORDERS]], *transactions[before + 1 : at], held, *transactions[at:]])


@pytest.mark.parametrize("action, done, fails", [("SELL", False, True), ("BUY", False, True), ("CLOSE", False, False), ("BUY", True, False)])
def test_published_what_is_in_flight(books, action, done, fails):
    """By somebody else's intent, which the executor has not finished."""
    check, transactions, at = books
    id, symbol = last_chosen(transactions[at])
    before = commit_before(transactions, at)
    group = [["XGROUP", "CREATE", INTENTS, EXECUTORS, "0", "MKSTREAM"], ["XGROUP", "CREATECONSUMER", INTENTS, EXECUTORS, "one"]]
    foreign = f"{id_of(id)[0] - 1}-0"
    theirs = [["XADD", INTENTS, foreign, "payload", intent(symbol.lower(), action)["payload"]]]
    if done:
        theirs += [["XCLAIM", INTENTS, EXECUTORS, "one", "0", foreign, "LASTID", foreign], ["XACK", INTENTS, EXECUTORS, foreign]]
    forged = [*transactions[:before], group, *transactions[before:at], theirs, *transactions[at:]]
    if fails:
        with pytest.raises(AssertionError, match=f"published what is in flight: {{'{symbol}'}}"):
            check(forged)
    else:
        checked = check(forged)
        assert checked.counted() == checked.ours == len(checked.intents) - 1
