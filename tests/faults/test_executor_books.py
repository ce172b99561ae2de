"""The executor's oracle itself: it finds what is executed twice, left over, or counted otherwise."""

import pytest
from harness.executor_books import ExecutorBooks
from harness.ledger import encode_command, read_transactions
from harness.names import HELD, INTENTS, OPEN_ORDERS, POSITIONS, PROCESSED, RESULTS


@pytest.fixture
def books(paper):
    """A file with two fills, to be forged: (what to check it with, its transactions, the last fill)."""
    paper.lead()
    paper.works()
    paper.close_routers()
    [file] = (paper.folder / "appendonlydir").glob("*.incr.aof")
    whole = file.read_bytes()
    transactions = list(read_transactions(whole))
    at = [n for n, t in enumerate(transactions) if any(c[:2] == ["HSET", POSITIONS] for c in t)][-1]

    def check(changed):
        file.write_bytes(b"".join(encode_command(c) for t in changed for c in [["MULTI"], *t, ["EXEC"]]))
        try:
            return ExecutorBooks(paper.folder).check().expect_all_ended(paper.ids)
        finally:
            file.write_bytes(whole)

    return check, transactions, at


def test_as_it_is(books):
    check, transactions, _ = books
    assert len(check(transactions).opened) == 2


def without(key):
    return lambda fill: [c for c in fill if not c[1].startswith(key)]


FORGED = {
    "not counted": without(OPEN_ORDERS),
    "no position": without(POSITIONS),
    "not held": without(HELD),
    "held on the other side": lambda fill: [[w.replace("BUY", "SELL") for w in c] if c[1] == HELD else c for c in fill],
    "no mark": without(PROCESSED),
    "no result": without(RESULTS),
    "no ACK": without(INTENTS),
    "not at all": lambda fill: [],
    "twice": lambda fill: [*fill, *fill],
}


@pytest.mark.parametrize("how", FORGED)
def test_forged(books, how):
    check, transactions, at = books
    with pytest.raises((AssertionError, KeyError)):
        check([*transactions[:at], FORGED[how](transactions[at]), *transactions[at + 1 :]])


def test_executed_again_later(books):
    check, transactions, at = books
    with pytest.raises(AssertionError, match="twice"):
        check([*transactions, transactions[at]])
