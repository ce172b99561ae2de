"""One test's world: a folder, a Redis, its routers, and the words in which tests are told."""

import itertools
import json
import shutil
import tempfile
from pathlib import Path

import redis

from harness.ctl import ctl
from harness.ledger import Ledger, Rules
from harness.executor import Executor, intent
from harness.held import check_held
from harness.names import (
    CONSUMER,
    DAILY,
    DECISIONS,
    EXECUTORS,
    GROUP,
    INTENTS,
    DEAD_LETTERS,
    OPEN_ORDERS,
    POSITIONS,
    RESULTS,
    SIGNALS,
)
from harness.redis import RedisServer
from harness.router import FATES, Router
from harness.signals import Feeder, signal
from harness.waiting import SLOWNESS, wait_until

# A lease that runs out while a test waits for it.
SHORT_LEASE = ["--lease.ttl_ms=900", "--lease.renew_ms=200"]

WINDOW_SEC = 0.06 * SLOWNESS

# Whatever passes the gate is published, however much and after however long a fault.
ROOMY = {
    "MAX_OPEN_ORDERS": "1000000",
    "TARGET_OPEN_ORDERS": "1000000",
    "MAX_NEW_PER_CYCLE": "1000",
    "SIGNAL_MAX_AGE_SEC": "120",
}


class Rig:
    def __init__(self, server=RedisServer, **redis_options):
        self.folder = Path(tempfile.mkdtemp(prefix="qr-", dir="/tmp"))
        self.redis = server(self.folder, **redis_options)
        self.db = self.redis.db
        self.routers = []
        self.numbers = itertools.count()
        self.executor_numbers = itertools.count()
        self.executors = []
        self.results_seen = "0"
        self.intents_seen = "0"
        self.rules = Rules()
        self.forges = False  # a test that writes records of its own says so

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            self.close_routers()
            if kind is None and self.routers and not self.forges:
                self.check_records()
        finally:
            for service in [*self.routers, *self.executors]:
                service.kill()
            self.redis.close()
            shutil.rmtree(self.folder)

    def close_routers(self):
        for service in [*self.routers, *self.executors]:
            service.close()

    def check_records(self):
        """What the routers decided comes again, where Redis still is there."""
        try:
            if not self.db.exists(DECISIONS):
                return
        except redis.RedisError:
            return
        done = ctl("replay", url=self.redis.url)
        if "NOAUTH" in done.stderr:  # the test has a password that nobody else knows
            return
        assert done.returncode == 0, f"{done.stdout}{done.stderr}{self.told()}"

    def check_ledger(self):
        """What Redis' own books say, checked; returns them."""
        return Ledger(self.folder, self.rules).check()

    # --- processes

    @property
    def router(self):
        return self.routers[-1]

    def start_router(self, *flags, url=None, conf="", bare=False, **env):
        """A router with this file, these variables and flags, and a short window."""
        name = f"router{next(self.numbers)}"
        file = self.folder / f"{name}.conf"
        file.write_text(conf)
        env.setdefault("CANDIDATE_WINDOW_SEC", f"{WINDOW_SEC:g}")
        env.setdefault("REDIS_URL", self.redis.url_for("quantum-router") if url is None else url)
        env.setdefault("METRICS_LISTEN", "")  # no port that another process might hold
        router = Router(self.folder, name, ["--config", file, *flags], env, bare)
        self.routers.append(router)
        return router  # and not the last one: threads start some beside each other

    @property
    def executor(self):
        return self.executors[-1]

    def start_executor(self, *flags, url=None, conf="", bare=False, **env):
        """An executor with this file, these variables and flags."""
        name = f"executor{next(self.executor_numbers)}"
        file = self.folder / f"{name}.conf"
        file.write_text(conf)
        env.setdefault("REDIS_URL", self.redis.url_for("quantum-executor") if url is None else url)
        env.setdefault("METRICS_LISTEN", "")  # no port that another process might hold
        executor = Executor(self.folder, name, ["--config", file, *flags], env, bare)
        self.executors.append(executor)
        return executor

    def start_paper(self, *flags, **env):
        """One that fills on paper, at once and unhurriedly unless the flags say otherwise, and ready."""
        fast = ["--paper.latency_ms=0", "--paper.poll_ms=20"]
        executor = self.start_executor(*fast, *flags, TRADE_INTENT_SAFE_DRAIN="false", **env)
        executor.expect("P0.D.5 Config")
        self.expect_group()
        return executor

    def start_instance(self, name, *flags, **env):
        """One of several: with a name of its own, and a lease that soon runs out."""
        return self.start_router(f"--lease.instance={name}", *SHORT_LEASE, *flags, **env)

    def start_open_router(self, open_orders, *flags, **env):
        """With room for orders, and ready."""
        self.set_open(open_orders)
        router = self.start_router(*flags, **env)
        router.expect(r"CAPACITY_|TARGET_REACHED")
        return router

    def feed(self, make, pause_sec=0.002, hold=lambda: False):
        return Feeder(self.redis, SIGNALS, make, pause_sec, hold)

    def backlog(self):
        """Entries that are not done with: unread, or pending."""
        lag = self.lag()
        return self.db.xlen(SIGNALS) if lag is None else lag + self.pending()

    # --- what the outside world does

    def set_open(self, value):
        if value is None:
            self.db.delete(OPEN_ORDERS)
        else:
            self.db.set(OPEN_ORDERS, value)

    def must_xadd(self, symbol="BTCUSDT", side="BUY", confidence=0.95, **more):
        return self.must_write(signal(symbol, side, confidence, **more))[0]

    def must_write(self, *entries):
        """All at one moment, so that one read sees them all; returns their ids."""
        pipe = self.db.pipeline(transaction=True)
        for fields in entries:
            if isinstance(fields, dict):
                pipe.xadd(SIGNALS, fields)
            else:  # pairs: names may come twice
                pipe.execute_command("XADD", SIGNALS, "*", *[part for pair in fields for part in pair])
        return pipe.execute()

    def must_write_at(self, milliseconds, *entries):
        """Entries whose ids tell this time, one after the other."""
        pipe = self.db.pipeline(transaction=True)
        for fields in entries:
            pipe.xadd(SIGNALS, fields, id=f"{milliseconds}-*")
        return pipe.execute()

    def now_ms(self):
        seconds, microseconds = self.db.time()
        return seconds * 1000 + microseconds // 1000

    # --- what must be seen

    def expect_intent(self, symbol=None, size_usd=None, **fields):
        """The next intent; waits for it."""
        found = self.db.xread({INTENTS: self.intents_seen}, count=1, block=1) or wait_until(
            f"an intent for {symbol}",
            lambda: self.db.xread({INTENTS: self.intents_seen}, count=1),
            context=self.told,
        )
        self.intents_seen, entry = found[0][1][0]
        assert entry["event_type"] == "trade.intent" and entry["source"] == CONSUMER
        intent = json.loads(entry["payload"])
        expected = dict(fields)
        if symbol is not None:
            expected["symbol"] = symbol
        if size_usd is not None:
            expected["position_size_usd"] = size_usd
        assert {name: intent.get(name) for name in expected} == expected, self.told()
        intent["entry"] = {"id": self.intents_seen, **entry}
        return intent

    def expect_no_intent(self):
        """None that was not expected; to be asked after the event that would have brought it."""
        assert self.db.xread({INTENTS: self.intents_seen}) == [], self.told()

    def intents(self):
        return [json.loads(entry["payload"]) for _, entry in self.db.xrange(INTENTS)]

    def pending(self):
        """None while there is no group."""
        return self._of_group("pending")

    def lag(self):
        return self._of_group("lag")

    def _of_group(self, name):
        groups = self.db.xinfo_groups(SIGNALS) if self.db.exists(SIGNALS) else []
        return next((group[name] for group in groups if group["name"] == GROUP), None)

    def expect_pending(self, count, seconds=None):
        wait_until(
            f"{count} pending entries", lambda: self.pending() == count, seconds, self.told
        )

    def expect_drained(self, seconds=None):
        """Everything read, nothing pending."""
        wait_until(
            "nothing unread and nothing pending",
            lambda: self.lag() == 0 and self.pending() == 0,
            seconds,
            self.told,
        )

    def tally(self):
        """The sums of all CYCLE lines of all routers."""
        sums = dict.fromkeys(["read", "candidates", *FATES], 0)
        for router in self.routers:
            for cycle in router.cycles():
                for name in sums:
                    sums[name] += cycle[name]
        return sums

    def expect_told_of(self, count):
        """Waits until the CYCLE lines account for so many entries; returns their sums."""
        wait_until(
            "CYCLE lines that account for every entry",
            lambda: self.tally()["read"] >= count,
            context=lambda: f"; they say {self.tally()}{self.told()}",
        )
        return self.tally()

    def expect_tally(self, **numbers):
        """Waits for the CYCLE lines to add up to this; fates not named must be 0."""
        numbers = {**dict.fromkeys(FATES, 0), **numbers}
        tally = self.expect_told_of(sum(numbers.values()))
        assert {fate: tally[fate] for fate in FATES} == numbers, self.told()

    def await_ticks(self, count=3):
        """Lets whole windows pass: each asks Redis for a snapshot."""

        def asked():
            asked = self.db.info("commandstats").get("cmdstat_evalsha", {})
            return asked.get("calls", 0) + asked.get("rejected_calls", 0)

        # A window with candidates asks twice, or more often when it decides again.
        goal = asked() + 2 * count
        wait_until(f"{count} more windows", lambda: asked() >= goal, context=self.told)

    # --- intents and what became of them

    def must_intend(self, *entries, **fields):
        """Writes intents at one moment; with no entries, one of these fields. Returns their ids."""
        pipe = self.db.pipeline(transaction=True)
        for entry in entries or [intent(**fields)]:
            pipe.xadd(INTENTS, entry)
        return pipe.execute()

    def must_intend_at(self, milliseconds, *entries):
        """Entries whose ids tell this time."""
        pipe = self.db.pipeline(transaction=True)
        for entry in entries:
            pipe.xadd(INTENTS, entry, id=f"{milliseconds}-*")
        return pipe.execute()

    def results(self):
        return [fields for _, fields in self.db.xrange(RESULTS)]

    def expect_result(self, status, reason="", **fields):
        """The next result; waits for it."""
        found = wait_until(
            f"a result: {status} {reason}",
            lambda: self.db.xread({RESULTS: self.results_seen}, count=1),
            context=self.told,
        )
        self.results_seen, result = found[0][1][0]
        expected = {"status": status, "reason": reason, **fields}
        assert {name: result.get(name) for name in expected} == expected, self.told()
        return result

    def expect_no_result(self):
        """None that was not expected; to be asked after the event that would have brought it."""
        assert self.db.xread({RESULTS: self.results_seen}) == [], self.told()

    def dead_letters(self):
        return [fields for _, fields in self.db.xrange(DEAD_LETTERS)]

    def open_orders(self):
        value = self.db.get(OPEN_ORDERS)
        return None if value is None else int(value)

    def positions(self):
        return {id: json.loads(value) for id, value in self.db.hgetall(POSITIONS).items()}

    def executors_group(self):
        groups = self.db.xinfo_groups(INTENTS) if self.db.exists(INTENTS) else []
        return next((group for group in groups if group["name"] == EXECUTORS), None)

    def expect_group(self):
        return wait_until("the executor's group", self.executors_group, context=self.told)

    def expect_settled(self, seconds=None):
        """Every intent was read, and none is pending."""

        def settled():
            group = self.executors_group()
            return group and group["pending"] == 0 and group["lag"] == 0

        wait_until("no intent unread and none pending", settled, seconds, self.told)

    def expect_consistent(self):
        """Open orders are the positions that exist, and so is what is held, at one moment."""
        check_held(self.db, POSITIONS)

    def daily_count(self):
        return sum(int(self.db.get(key)) for key in self.db.scan_iter(DAILY + "*"))

    def told(self):
        return "".join(service.tail() for service in [*self.routers[-2:], *self.executors[-2:]])
