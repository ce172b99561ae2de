"""Many tortures beside each other on one Redis: each lane has a prefix, a router and a proxy of its own."""

import threading

from books import Books
from harness.ledger import Rules
from harness.names import GROUP, Names
from harness.rig import ROOMY
from harness.signals import signal
from harness.waiting import wait_until
from proxy import Proxy

# The shortest window there is, and a lease that the next router of the same name takes at once.
FLAGS = [
    "--redis.backoff_min_ms=2",
    "--redis.backoff_max_ms=10",
    "--lease.ttl_ms=2000",
    "--lease.renew_ms=60",
    "--window.one_per_symbol=false",
    "--intent.maxlen=2000000",
]
LONG_AGO = "2020-01-01T00:00:00Z"


class Lane:
    LAST = "renew"  # what comes now and then when all else is done

    def __init__(self, stage, number, chance, proxied=True):
        self.stage = stage
        self.db = stage.redis.client()
        self.chance = chance
        self.names = Names(f"l{number}:")
        self.proxy = stage.curtain.enter_context(Proxy(stage.redis)) if proxied else None
        self.written = 0
        self.service = None
        self.db.set(self.names.open_orders, 0)

    def start(self, *flags):
        """Those before are of no interest any more."""
        url = self.proxy.url if self.proxy else self.stage.redis.url
        chosen = [f"--prefix={self.names.prefix}", f"--lease.instance={self.names.prefix[:-1]}", *FLAGS, *flags]
        self.service = self.stage.start_router(*chosen, url=url, CANDIDATE_WINDOW_SEC="0.05", **ROOMY)
        return self.service

    def stop(self):
        """Its logs are looked at now and not kept."""
        self.service.close()
        self._others().remove(self.service)
        self.service.log_path.unlink()

    def _others(self):
        return self.stage.routers

    def write(self, step=None):
        """One that is published and one that is dropped when it is read: in turn for its confidence and for its age,
        whose ACK is a script, or as the step needs it."""
        self.written += 1
        is_old = step == "ack" or (step != "xack" and self.written % 2 == 0)
        uid = f"uid-{self.written}"
        pipe = self.db.pipeline(transaction=True)
        pipe.xadd(self.names.signals, signal("BTCUSDT", "BUY", 0.95, correlation_id=uid))
        weak = signal("WEAKUSDT", "BUY", 0.5, correlation_id=f"weak-{uid}")
        old = signal("OLDUSDT", "HOLD", 0.95, correlation_id=f"old-{uid}", timestamp=LONG_AGO)
        pipe.xadd(self.names.signals, old if is_old else weak)
        pipe.execute()

    def is_settled(self):
        pipe = self.db.pipeline(transaction=False)
        pipe.xlen(self.names.intents)
        pipe.xinfo_groups(self.names.signals)
        count, groups = pipe.execute(raise_on_error=False)
        if not isinstance(groups, list) or not groups:
            return False
        return count == self.written and groups[0]["lag"] == 0 and groups[0]["pending"] == 0

    def expect_settled(self, what):
        wait_until(f"all to be settled after {what}", self.is_settled, None, self.told)

    def told(self):
        return f"\n{self.written} written, {self.db.xlen(self.names.intents)} published, " + (
            f"{self.db.xinfo_groups(self.names.signals)}{self.service.tail()}"
        )


def side_by_side(lanes, work):
    """Calls work(lane) for each in a thread of its own; the first failure is the test's."""
    failures = []

    def run(lane):
        try:
            work(lane)
        except BaseException as failure:  # of whatever kind, it belongs to the test
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(lane,)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


class LaneBooks(Books):
    """One pass over the file for all lanes: each transaction goes to the books of its prefix."""

    def __init__(self, folder, names):
        rules = Rules(max_open=1000000, target_open=1000000, burst=1000)
        super().__init__(folder, rules, names)


def check_lanes(stage, lanes):
    """The books of all lanes: each signal published once, and nothing left over; returns the sum of commits."""
    stage.redis.write_books()
    books = {lane.names.prefix: LaneBooks(stage.folder, lane.names) for lane in lanes}
    every = Books(stage.folder, stage.rules)
    for transaction in every.transactions():
        prefix = prefix_of(transaction)
        if prefix in books:
            books[prefix].take_in(transaction)
    for lane in lanes:
        its = books[lane.names.prefix]
        its.expect_none_lost()
        assert len(its.signals) == 2 * lane.written and len(its.published) == lane.written
        assert its.counted() == lane.written and its.groups[(lane.names.signals, GROUP)].pending == {}
    return sum(its.commits for its in books.values())


def prefix_of(transaction):
    """Of the first key: only commands of one key, or of one lane, are ever written."""
    words = transaction[0]
    key = words[2] if words[0] == "XGROUP" else words[1] if len(words) > 1 else ""
    return key[: key.find(":") + 1]
