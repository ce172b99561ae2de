"""Takeover after takeover under flow: each signal at most once, and nothing left over."""

import os
import random
import signal as signals
import time

from harness.names import LEADER
from harness.rig import ROOMY
from harness.signals import signal
from harness.waiting import FULL, SLOWNESS, wait_until

TAKEOVERS = 200 if FULL else 12
SEED = int(os.environ.get("QUANTUM_SEED") or random.randrange(1 << 32))
ROOMIER = {**ROOMY, "SIGNAL_MAX_AGE_SEC": "100000"}
FLAGS = [
    "--lease.ttl_ms=600",
    "--lease.renew_ms=150",
    "--redis.commit_timeout_ms=500",
    "--strays.claim_idle_ms=1500",
    "--window.one_per_symbol=false",
    "--intent.maxlen=2000000",
]


class Fleet:
    """Three routers, of which the leader meets with something; those who died come again."""

    def __init__(self, rig):
        self.rig = rig
        self.at = {}
        self.stopped = None

    def start(self, name):
        self.at[name] = self.rig.start_router(f"--lease.instance={name}", *FLAGS, **ROOMIER)

    def leader(self):
        value = self.rig.db.get(LEADER)
        return value and value.split(":")[0]

    def await_leader(self, other_than=None):
        return wait_until(
            "a leader" if other_than is None else f"another leader than {other_than}",
            lambda: self.leader() not in (None, other_than) and self.leader(),
            context=self.rig.told,
        )

    def go_on(self):
        if self.stopped:
            self.stopped.process.send_signal(signals.SIGCONT)
        self.stopped = None

    def strike(self, how):
        name = self.await_leader()
        router = self.at[name]
        self.go_on()
        if how == "stop":
            router.process.send_signal(signals.SIGSTOP)
            self.stopped = router
        elif how == "kill":
            router.kill()
        else:
            router.terminate()
        self.await_leader(other_than=name)
        if how != "stop":
            self.start(name)


def test_takeovers_under_flow(ledger_rig):
    rig = ledger_rig
    print(f"QUANTUM_SEED={SEED}")
    chance = random.Random(SEED)
    rig.set_open(0)
    rig.rules.max_open = rig.rules.target_open = 1000000
    rig.rules.burst = 1000
    fleet = Fleet(rig)
    for name in "abc":
        fleet.start(name)
    make = lambda n: signal(f"COIN{n % 300}", correlation_id=f"uid-{n}")  # noqa: E731
    with rig.feed(make, pause_sec=0.005, hold=lambda: rig.backlog() > 800) as feeder:
        for number in range(TAKEOVERS):
            # A time and not an event: the instant is meant to be anywhere.
            time.sleep(chance.uniform(0, 0.3) * SLOWNESS)
            fleet.strike(("kill", "term", "stop")[number % 3])
        fleet.go_on()
    # What a stopped one had read is a stray, and found by a round of claims.
    rig.expect_drained()
    rig.close_routers()
    ledger = rig.check_ledger()
    assert set(ledger.published) == {fields["correlation_id"] for fields in feeder.confirmed}
    assert ledger.counted() == len(ledger.published) == rig.daily_count()
    assert ledger.pending() == 0 and ledger.takes > TAKEOVERS
