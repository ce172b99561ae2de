"""A test's world with proxies in it, and its end: restart, heal, drain, check."""

import json
from contextlib import ExitStack

from books import Books
from harness.names import EXECUTORS, INTENTS, LEADER
from harness.process import SANITIZERS
from harness.records import check_against_cycles
from harness.rig import ROOMY, WINDOW_SEC, Rig
from harness.signals import signal
from harness.waiting import SLOWNESS, soon, wait_until
from proxy import Proxy

# What is freed is given back soon, so that memory can be measured.
LEAN = {"ASAN_OPTIONS": SANITIZERS["ASAN_OPTIONS"] + ":quarantine_size_mb=1"}
LEASE_SEC = 0.6
# So long after all is healed it is live: a lease and two windows, and room.
LIVE_SEC = LEASE_SEC + 2 * WINDOW_SEC + 5
# Quick to notice and quick to come back; a lease that runs out while a test waits for it.
QUICK = [
    f"--lease.ttl_ms={LEASE_SEC * 1000 * SLOWNESS:.0f}",
    "--lease.renew_ms=150",
    "--redis.backoff_min_ms=5",
    "--redis.backoff_max_ms=60",
    f"--redis.commit_timeout_ms={400 * SLOWNESS}",
    f"--redis.reply_timeout_ms={400 * SLOWNESS}",
    f"--redis.connect_timeout_ms={400 * SLOWNESS}",
    f"--strays.claim_idle_ms={800 * SLOWNESS}",
    "--window.one_per_symbol=false",
    "--intent.maxlen=2000000",
]


# Of those flags, the deadlines as they usually are: where there is much to do, or a wait is meant.
PATIENT = [
    "--redis.commit_timeout_ms=5000",
    "--redis.reply_timeout_ms=5000",
    "--lease.ttl_ms=60000",
    "--strays.claim_idle_ms=9000",
]


class Stage(Rig):
    """Room for everything, so that what is not published is lost; tests of limits say strict()."""

    def __init__(self, **redis_options):
        super().__init__(**redis_options)
        self.curtain = ExitStack()
        self.proxies = []
        self.env = dict(ROOMY)
        self.rules.max_open = self.rules.target_open = 1000000
        self.rules.burst = 1000
        self.is_strict = False
        self.written = 0

    def strict(self, max_open=10, target=3, burst=2):
        self.is_strict = True
        self.env.update(MAX_OPEN_ORDERS=str(max_open), TARGET_OPEN_ORDERS=str(target), MAX_NEW_PER_CYCLE=str(burst))
        self.rules.max_open, self.rules.target_open, self.rules.burst = max_open, target, burst

    def __exit__(self, *problem):
        with self.curtain:
            super().__exit__(*problem)

    # --- who plays

    def proxy(self):
        proxy = self.curtain.enter_context(Proxy(self.redis))
        self.proxies.append(proxy)
        return proxy

    def start(self, name="a", proxy=None, *flags, **env):
        url = proxy.url if proxy else self.redis.url
        return self.start_router(*self.quick(name, *flags), url=url, **{**self.env, **env})

    @staticmethod
    def quick(name, *flags):
        """A flag of a test's own takes the place of the usual one."""
        own = {flag.partition("=")[0] for flag in flags}
        usual = [flag for flag in QUICK if flag.partition("=")[0] not in own]
        return [f"--lease.instance={name}", *usual, *flags]

    def lead(self, name="a", proxy=None, *flags, **env):
        """One that has published once, so that it is live."""
        self.set_open(0)
        router = self.start(name, proxy, *flags, **env)
        self.works()
        return router

    def expect_lease_gone(self):
        wait_until("the lease to have run out", lambda: not self.db.exists(LEADER), context=self.told)

    def count_in_flight(self):
        """From here on what the executor has not finished counts as open."""
        self.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
        self.db.xgroup_createconsumer(INTENTS, EXECUTORS, "one")

    def finish_intents(self):
        """What an executor does that is quick: all are done, and none is open any more."""
        while found := self.db.xreadgroup(EXECUTORS, "one", {INTENTS: ">"}, count=1000):
            self.db.xack(INTENTS, EXECUTORS, *[id for id, _ in found[0][1]])

    # --- what is written

    def write(self, *confidences):
        """Signals of one moment, each with a name of its own; returns these names."""
        uids = []
        for _ in confidences or (0.95,):
            self.written += 1
            uids.append(f"uid-{self.written}")
        entries = [
            signal(f"COIN{uid[4:]}", "BUY", confidence, correlation_id=uid)
            for uid, confidence in zip(uids, confidences or (0.95,))
        ]
        self.must_write(*entries)
        return uids

    def works(self, seconds=None):
        """A signal of now is published, and nothing stays behind; soon, whatever went before is healed."""
        seconds = soon(LIVE_SEC) if seconds is None else seconds
        [uid] = self.write()
        self.expect_published(uid, seconds)
        self.expect_drained(seconds)

    def works_behind(self, *lags):
        """The same where the group lags by what it was never given: for ever, but for a server that corrects its count."""
        [uid] = self.write()
        self.expect_published(uid)
        wait_until("nothing pending", lambda: self.pending() == 0 and self.lag() in lags, context=self.told)

    def expect_published(self, uid, seconds=None):
        def found():
            return uid in self.published()

        wait_until(f"an intent for {uid}", found, seconds, self.told)

    def intents(self):
        """Their fields may be no UTF-8; their payloads are."""
        return [json.loads(fields[b"payload"]) for _, fields in self.redis.raw.xrange(INTENTS)]

    def published(self):
        """Decisions; an intent of somebody else has none."""
        return [intent["decision_id"] for intent in self.intents() if "decision_id" in intent]

    # --- the end

    def end(self):
        """Heals, restarts, sees that it works, and checks the books."""
        self.heal()
        self.close_routers()
        if self.db.exists(INTENTS) and self.db.xinfo_groups(INTENTS):
            self.finish_intents()
        self.lead("a")
        self.close_routers()
        return self.check_books()

    def heal(self):
        for proxy in self.proxies:
            proxy.heal()
        self.redis.thaw()

    def check_books(self):
        books = Books(self.folder, self.rules).check()
        assert books.counted() == books.ours
        for router in self.routers:
            check_against_cycles(router.cycles(), books.chain.records)
        return books.expect_none_lost(unpublished=self.is_strict)
