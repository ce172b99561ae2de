"""A world in which a paper executor is reached by a proxy: executes, is healed, drains, and its books are checked."""

import itertools

from harness.executor import intent
from harness.executor_books import ExecutorBooks
from harness.names import INTENTS
from harness.waiting import SLOWNESS, soon, wait_until
from stage import LIVE_SEC, Stage

# Quick to notice and quick to come back; nothing is refused for want of room or rate, and nothing closes by itself.
QUICK = [
    "--redis.backoff_min_ms=5",
    "--redis.backoff_max_ms=60",
    f"--redis.reply_timeout_ms={400 * SLOWNESS}",
    f"--redis.connect_timeout_ms={400 * SLOWNESS}",
    f"--strays.claim_idle_ms={800 * SLOWNESS}",
    "--guards.global_rate_max=1000000",
    "--guards.symbol_rate_max=1000000",
    "--guards.begun_max=1000",
    "--paper.latency_ms=0",
    "--paper.poll_ms=20",
    "--paper.hold_sec=1000",
]
# Of those flags, the deadlines, long enough for any machine: where a loss has another reason, and is counted.
PATIENT = ["--redis.reply_timeout_ms=5000", "--redis.connect_timeout_ms=5000"]
ENV = {"TRADE_INTENT_SAFE_DRAIN": "false", "MAX_OPEN_ORDERS": "1000000"}


class ExecutorStage(Stage):
    def __init__(self, **redis_options):
        super().__init__(**redis_options)
        self.ids = []
        self.symbols = itertools.count(1)

    def start(self, proxy=None, *flags, **env):
        own = {flag.partition("=")[0] for flag in flags}
        usual = [flag for flag in QUICK if flag.partition("=")[0] not in own]
        url = proxy.url if proxy else self.redis.url
        return self.start_executor(*usual, *flags, url=url, **{**ENV, **env})

    def lead(self, proxy=None, *flags):
        """One that has filled once, so that it is live."""
        executor = self.start(proxy, *flags)
        self.works()
        return executor

    def intend(self, count=1):
        """Intents of one moment that open; returns their ids."""
        entries = [intent(f"COIN{next(self.symbols)}USDT") for _ in range(count)]
        ids = self.must_intend(*entries) if entries else []
        self.ids += ids
        return ids

    def expect_filled(self, *ids, seconds=None):
        wait_until(f"fills of {ids}", lambda: set(ids) <= self.positions().keys(), seconds, self.told)

    def works(self, seconds=None):
        """An intent of now is filled, and nothing stays behind; soon, whatever went before is healed."""
        seconds = soon(LIVE_SEC) if seconds is None else seconds
        self.expect_filled(*self.intend(), seconds=seconds)
        self.expect_settled(seconds)
        self.expect_consistent()

    def end(self):
        self.heal()
        self.close_routers()
        self.lead()
        self.close_routers()
        books = ExecutorBooks(self.folder).check().expect_all_ended(self.ids)
        assert books.opened == set(self.ids) and books.statuses["filled"] == len(self.ids), books.statuses
        assert set(books.statuses) <= {"filled", *(["skipped"] if books.given_again else [])}, books.statuses

    def awaiting(self):
        """Intents that wait to be read, or to be settled."""
        group = self.executors_group()
        return self.db.xlen(INTENTS) if group is None else group["lag"] + group["pending"]
