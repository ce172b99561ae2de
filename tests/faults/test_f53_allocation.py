"""F53: the n-th allocation fails, once or from there on; the n-th read, write or connect too.

The sanitizers bring an allocator of their own, so this goes with a plain build of the router: build/plain, or the one
that QUANTUM_PLAIN names.
"""

import fcntl
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "system"))

from harness.names import SIGNALS  # noqa: E402
from harness.process import ROOT  # noqa: E402
from harness.rig import ROOMY, Rig  # noqa: E402
from harness.waiting import FULL, wait_until

PLAIN = Path(os.environ.get("QUANTUM_PLAIN") or ROOT / "build/plain")
SEED = int(os.environ.get("QUANTUM_SEED") or random.randrange(1 << 32))

# Whatever was left by one that ended is published by the next, however many ended in between.
ROOMIER = {**ROOMY, "SIGNAL_MAX_AGE_SEC": "3600"}

# So many of the calls in CI: allocations are many and similar, calls on sockets few.
ALLOCATIONS = 24
CALLS = 6

# Where the caller is part of these there is one answer to a refusal; jansson, libuv and hiredis from 1.0 on ask through
# the router, and must.
OURS = re.compile(r"quantum-router$|libjansson|libuv|libhiredis\.so\.[1-9]")
# hiredis 0.14 and libconfig 1.5 do not look at all of what their allocations return, and take no allocator from us;
# what they have the C library copy is refused to the C library. It may end the process in any way, but nothing else.
CARELESS = re.compile(r"libhiredis|libconfig|libc\.so")
SIGABRT, SIGSEGV = -6, -11
LAST_WORDS = "quantum-router: out of memory"


@pytest.fixture(scope="module", autouse=True)
def plain_build():
    """Built once, by the first who comes."""
    PLAIN.parent.mkdir(exist_ok=True)
    with open(PLAIN.parent / "plain.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (PLAIN / "build.ninja").exists():
            subprocess.run(["meson", "setup", PLAIN, ROOT], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["ninja", "--quiet", "-C", PLAIN, "quantum-router", "failing_calls.so"], check=True)


@pytest.fixture
def rig(monkeypatch):
    monkeypatch.setattr("harness.service.program", lambda name, bare=False: [str(PLAIN / name)])
    with Rig(durable=True) as rig:
        rig.redis.start()
        rig.set_open(0)
        rig.rules.max_open = rig.rules.target_open = 1000000
        rig.rules.burst = 1000
        yield rig


class Life:
    """One router under one failure, from its start to where everything written is settled, or to its end."""

    def __init__(self, rig, call, at, sticky=False):
        self.rig = rig
        self.said = rig.folder / "report"
        self.said.unlink(missing_ok=True)
        self.name = f"QUANTUM_SEED={SEED}: {call} {at}{' and on' if sticky else ''}"
        env = {"LD_PRELOAD": str(PLAIN / "failing_calls.so"), "FAIL_CALL": call, "FAIL_AT": str(at)}
        if sticky:
            env["FAIL_ON"] = "1"
        rig.must_xadd(f"GOOD{at}", correlation_id=f"good-{at}")
        rig.must_xadd(f"WEAK{at}", confidence=0.5, correlation_id=f"weak-{at}")
        self.router = rig.start_router(FAIL_REPORT=str(self.said), **ROOMIER, **env)
        wait_until(self.name, self._is_through, context=self.router.tail)
        if self._lives():
            self._stop()
        self.status = self.router.process.wait()
        rig.routers.remove(self.router)

    def _lives(self):
        return self.router.process.poll() is None

    def _is_through(self):
        return not self._lives() or (self.rig.lag() == 0 and self.rig.pending() == 0)

    def _stop(self):
        """It may still meet its failure on the way."""
        try:
            self.router.terminate()
        except AssertionError:
            assert self.caller, self.name
            self.router.kill()

    def _find(self, word):
        text = self.said.read_text() if self.said.exists() else ""
        found = re.search(rf"^{word} (\S+)$", text, re.MULTILINE)
        return found and found[1]

    @property
    def caller(self):
        return self._find("failed")

    @property
    def counted(self):
        return int(self._find("counted"))

    def text(self):
        return f"{self.name}, called by {self.caller}: {self.status}{self.router.tail()}"

    def check_allocation(self):
        words = self.router.text().splitlines()
        if self.caller and OURS.search(self.caller):
            assert self.status == 1 and words[-1] == LAST_WORDS, self.text()
            assert words.count(LAST_WORDS) == 1, self.text()
        else:
            careless = self.caller and CARELESS.search(self.caller)
            assert self.status in ((0, 1, 2, SIGABRT, SIGSEGV) if careless else (0, 1, SIGABRT)), self.text()

    def check_call(self):
        assert self.status == 0, self.text()


def check_books(rig):
    """Whatever happened: a sound router settles what is left, and the books are right."""
    rig.start_router(**ROOMIER)
    rig.expect_drained()
    rig.close_routers()
    ledger = rig.check_ledger()
    published = [intent["decision_id"] for intent in rig.intents()]
    written = {fields["correlation_id"] for _, fields in rig.db.xrange(SIGNALS)}
    good = {uid for uid in written if uid.startswith("good-")}
    assert len(published) == len(set(published)) == rig.daily_count() == ledger.counted()
    assert set(published) == good, f"lost: {sorted(good - set(published))}"


def numbers(rig, call, sample):
    """1 to what a whole life needs, or a sample of these; the first ones all sit in the loader."""
    whole = Life(rig, call, 0)
    assert whole.status == 0 and not whole.caller, whole.text()
    if FULL:
        return list(range(1, whole.counted + 1))
    return sorted(random.Random(SEED).sample(range(1, whole.counted + 1), min(sample, whole.counted)))


@pytest.mark.parametrize("sticky", [False, True], ids=["once", "and on"])
def test_f53_allocation_fails(rig, sticky):
    ours = 0
    for number in numbers(rig, "allocate", ALLOCATIONS):
        life = Life(rig, "allocate", number, sticky)
        life.check_allocation()
        ours += bool(life.caller and OURS.search(life.caller))
    assert ours > 0, "no allocation of our own failed"
    check_books(rig)


@pytest.mark.parametrize("call", ["read", "write", "connect"])
def test_f53_call_fails(rig, call):
    met = 0
    for number in numbers(rig, call, CALLS):
        life = Life(rig, call, number)
        life.check_call()
        met += bool(life.caller)
    assert met > 0, f"no {call} failed"
    check_books(rig)
