"""Lanes of paper executors: each has a prefix, an executor and a proxy of its own."""

from books import Books
from harness.executor import intent
from harness.executor_books import ExecutorBooks
from harness.held import check_held, number_held
from lane import LONG_AGO, Lane, prefix_of

# Nothing is refused for want of room or rate.
FLAGS = [
    "--redis.backoff_min_ms=2",
    "--redis.backoff_max_ms=10",
    "--guards.global_rate_max=1000000",
    "--guards.symbol_rate_max=1000000",
    "--guards.begun_max=1000",
    "--strays.claim_idle_ms=300",
    "--paper.latency_ms=1",
    "--paper.poll_ms=20",
    "--paper.hold_sec=1000",
]


class ExecutorLane(Lane):
    LAST = "hgetall"

    def __init__(self, stage, number, chance):
        super().__init__(stage, number, chance)
        self.ids, self.stale = [], []

    def start(self, *flags):
        chosen = [f"--prefix={self.names.prefix}", *FLAGS, *flags]
        env = {"TRADE_INTENT_SAFE_DRAIN": "false", "MAX_OPEN_ORDERS": "1000000"}
        self.service = self.stage.start_executor(*chosen, url=self.proxy.url, **env)
        return self.service

    def _others(self):
        return self.stage.executors

    def write(self, _step=None):
        """One of each kind: two that open, one that came before, a stale one, one that is none, and one that closes what the
        first of those before opened, or supersedes it. The second one's position has reached its profit at once."""
        self.written += 1
        first = intent(f"A{self.written}USDT", decision_id=f"a-{self.written}")
        entries = [
            first,
            intent(f"A{self.written - 1}USDT", "CLOSE", None, decision_id=f"c-{self.written}"),
            first,
            intent(f"B{self.written}USDT", decision_id=f"b-{self.written}", take_profit=60000),
            intent("CUSDT", decision_id=f"old-{self.written}", timestamp=LONG_AGO),
            intent("DUSDT", "WHAT", decision_id=f"w-{self.written}"),
        ]
        self.db.set(f"{self.names.prefix}price:B{self.written}USDT", 70000)
        pipe = self.db.pipeline(transaction=True)
        for entry in entries:
            pipe.xadd(self.names.intents, entry)
        ids = pipe.execute()
        self.ids += ids
        self.stale.append(ids[4])

    def is_settled(self):
        """All ended, and all that was opened is closed, but for what the next exit closes."""
        groups = self.db.xinfo_groups(self.names.intents)
        return self.check_count() == 1 and groups and groups[0]["lag"] == 0 and groups[0]["pending"] == 0

    def check_count(self):
        """Open orders are the positions that exist, and so is what is held, at one moment."""
        return sum(number_held(value) for value in check_held(self.db, self.names.positions, self.names).values())

    def told(self):
        return f"\n{self.written} written, {self.db.xinfo_groups(self.names.intents)}{self.service.tail()}"


def check_executor_lanes(stage, lanes):
    """The books of all lanes; returns how many openings ended, executed or superseded."""
    stage.redis.write_books()
    books = {lane.names.prefix: ExecutorBooks(stage.folder, lane.names) for lane in lanes}
    for transaction in Books(stage.folder, stage.rules).transactions():
        prefix = prefix_of(transaction)
        if prefix in books:
            books[prefix].take_in(transaction)
    return sum(check_lane(lane, books[lane.names.prefix]) for lane in lanes)


def check_lane(lane, books):
    books.expect_all_ended(lane.ids, lane.stale)
    ended = 2 * lane.written - books.superseded
    expected = {"filled": ended, "skipped": lane.written + books.superseded, "rejected": lane.written}
    assert {status: books.statuses[status] for status in expected} == expected, books.statuses
    assert books.statuses["closed"] + books.statuses["nothing_open"] == lane.written, books.statuses
    assert len(books.positions) == 1, books.positions
    begun = list(lane.db.scan_iter(lane.names.begun + "*"))
    assert not begun, begun
    return len(books.opened) + books.superseded
