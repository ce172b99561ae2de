"""Accepted means works: random settings out of what --check-config accepts, on routers and executors that trade."""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.any_settings import draw, rows_of
from harness.ledger import Ledger, Rules
from harness.names import Names
from harness.signals import signal
from harness.waiting import FULL, wait_until

SEED = int(os.environ.setdefault("QUANTUM_SEED", str(random.randrange(1 << 32))))
BESIDE = 5  # worlds in one Redis, each under a prefix of its own
BATCHES = 400 if FULL else 6
SIGNALS_OF_WORLD, SYMBOLS = 200, 40

# With these early signals lose their life, or all sizes come to nothing: it is said at the start.
MAY_PUBLISH_NOTHING = r"signal_max_age_sec = .* is below window\.seconds|comes to 0\.00"
PATIENT_MS = 300  # a deadline that a machine which tests keep busy does not pass


def window_of(chance):
    return chance.choice(["0.05", "1", "0.1", f"{chance.uniform(0.05, 1):.3f}"])


def idle_of(chance):
    """The executor is seen each second; less, and the router may take it for dead, which no book tells."""
    return chance.choice(["10", "300", "1000000"])


def is_patient(settings):
    deadlines = [key for key in settings.values if key.endswith("_timeout_ms") or key == "lease.ttl_ms"]
    return all(settings.number(key) >= PATIENT_MS for key in deadlines)


class World:
    def __init__(self, rig, number, seed, rows):
        chance = random.Random(seed)
        self.rig = rig
        self.seed = seed
        self.prefix = f"q{number}:"
        self.names = Names(self.prefix)
        self.chance = chance
        always = [("window.seconds", window_of), ("capacity.inflight_idle_sec", idle_of)]
        self.router_settings = draw("quantum-router", chance, rows["router"], always)
        self.executor_settings = draw("quantum-executor", chance, rows["executor"], [("paper.latency_ms", latency_of)])

    def start(self):
        """Not in a thread of its own: with that the processes would end."""
        rig = self.rig
        rig.db.set(self.names.open_orders, 0)
        self.executor = rig.start_executor(f"--prefix={self.prefix}", *self.executor_settings.flags)
        self.router = rig.start_router(
            f"--prefix={self.prefix}", "--log.level=info", *self.router_settings.flags, CANDIDATE_WINDOW_SEC=""
        )
        self.await_group()

    def await_group(self):
        if not self.is_shaky(self.executor, self.executor_settings):
            wait_until(
                "the executor's group",
                lambda: self.group(self.names.intents) or self.is_shaky(self.executor, self.executor_settings),
                context=self.told,
            )

    def told(self):
        flags = " ".join([*self.router_settings.flags, "| executor:", *self.executor_settings.flags])
        return f"\nseed {self.seed}, QUANTUM_SEED={SEED}\n{flags}{self.router.tail(15)}{self.executor.tail(10)}"

    def group(self, stream):
        if not self.rig.db.exists(stream):
            return None
        groups = self.rig.db.xinfo_groups(stream)
        return groups[0] if groups else None

    # --- what comes

    def some_signal(self, number):
        chance = self.chance
        confidence = 1 if number % 10 == 0 else round(chance.random(), 3)
        more = {"rl_gate_pass": chance.choice(["true", "false"]), "position_size_usd": chance.choice(["100", "5", "1e6"])}
        if chance.random() < 0.3:
            more["correlation_id"] = f"c{chance.randrange(30)}"
        symbol = f"COIN{chance.randrange(SYMBOLS)}" if number % 25 else "?"
        return signal(symbol, chance.choice(["BUY", "SELL", "HOLD", "CLOSE"]), confidence, **more)

    def feed(self):
        """Over two windows or more, so that some meet a world that has moved."""
        pause_sec = max(0.02, 2 * self.router_settings.number("window.seconds") / 20)
        for first in range(0, SIGNALS_OF_WORLD, 10):
            pipe = self.rig.db.pipeline(transaction=True)
            for number in range(first, first + 10):
                pipe.xadd(self.names.signals, self.some_signal(number))
            pipe.execute()
            self.look()
            time.sleep(pause_sec)

    def look(self):
        """Never more positions than the executor may have."""
        positions = self.rig.db.hlen(self.names.positions)
        assert positions <= self.executor_settings.number("capacity.max_open"), self.told()

    # --- what must have come of it

    def is_settled(self, stream):
        self.look()
        for service in (self.router, self.executor):
            assert service.process.poll() is None, self.told()
        group = self.group(stream)
        return group and group["lag"] == 0 and group["pending"] == 0

    def is_shaky(self, service, settings):
        """Short deadlines were missed: that is made good, but only after the pause that was asked for."""
        return not is_patient(settings) and service.count(r"REDIS_LOST|LEADER_LOST") > 0

    def expect_settled(self):
        for what, stream, service, settings in (
            ("signal", self.names.signals, self.router, self.router_settings),
            ("intent", self.names.intents, self.executor, self.executor_settings),
        ):
            wait_until(
                f"every {what} settled",
                lambda: self.is_settled(stream) or self.is_shaky(service, settings), None, self.told,  # noqa: B023
            )  # fmt: skip

    def may_publish(self):
        settings = self.router_settings
        return not settings.warns_of(MAY_PUBLISH_NOTHING) and not self.is_shaky(self.router, settings)

    def expect_published(self):
        entries = self.rig.db.xrange(self.names.intents)
        assert entries or not self.may_publish(), f"nothing was published{self.told()}"
        results = [fields for _, fields in self.rig.db.xrange(self.names.results)]
        filled = [fields["decision_id"] for fields in results if fields["status"] == "filled" and not fields.get("opened_by")]
        opened = [result["intent_id"] for result in results if result["status"] in ("filled", "skipped", "rejected")]
        assert len(opened) == len(set(opened)), f"an intent has two results{self.told()}"
        assert len(filled) == len(set(filled)), f"a decision was executed twice{self.told()}"

    def expect_books(self):
        """By Redis' own books: nothing twice, never over the cap or the target, ACKs and marks with their intents."""
        number = self.router_settings.number
        rules = Rules(
            max_open=int(number("capacity.max_open")), target_open=int(number("capacity.target_open")),
            burst=int(number("capacity.max_new_per_cycle")), super_confidence=number("capacity.super_confidence"),
            supers=int(number("capacity.super_max_per_cycle")),
            group=self.names.executors, max_age_sec=int(number("capacity.inflight_max_age_sec")),
            records=number("record.max_mib") > 0,
        )  # fmt: skip
        try:
            Ledger(self.rig.folder, rules, self.names).check()
        except AssertionError as failure:
            raise AssertionError(f"{failure}{self.told()}") from failure

    def live(self):
        self.feed()
        self.expect_settled()
        self.expect_published()


def latency_of(chance):
    return chance.choice(["0", "200", "50"])


@pytest.fixture(scope="module")
def rows():
    return {name: rows_of(f"quantum-{name}") for name in ("router", "executor")}


@pytest.mark.parametrize("batch", range(BATCHES))
def test_what_is_accepted_works(durable_rig, rows, batch):
    rig = durable_rig
    rig.db.config_set("appendfsync", "everysec")
    with ThreadPoolExecutor(BESIDE) as pool:
        worlds = list(pool.map(lambda n: World(rig, n, f"{SEED} {batch} {n}", rows), range(BESIDE)))
        for world in worlds:
            world.start()
        list(pool.map(World.live, worlds))
    rig.close_routers()
    rig.redis.write_books()
    for world in worlds:
        world.expect_books()
