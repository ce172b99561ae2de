"""How long a decision takes: at the usual cadence, and over a crowded window."""

import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles

from harness.process import spawn
from row import at_most
from stage import Stage

WINDOW_NS = 3000000000
WINDOW_MS = 3000
TRICKLE_PER_SEC = 4
CROWD = 100000
CROWD_SYMBOLS = 1000
PING_US = 500
PING_SHARE = 2  # in a crowded window: pings for half of it, around its end
SLOW_US = 200


@dataclass
class Decision:
    """A line of bench-latency."""

    due_ns: int
    tick_ns: int
    done_ns: int
    candidates: int
    settled: int
    published: int

    @property
    def micros(self):
        return (self.done_ns - self.due_ns) / 1000


@contextmanager
def driver(stage, **environment):
    """Runs the router in bench-latency; gives a function that waits for the next decision."""
    words = [stage.programs["bench-latency"]]
    with stage.process(words, stdout=subprocess.PIPE, **environment) as child:

        def next_decision():
            line = child.stdout.readline()
            if not line:
                raise RuntimeError(f"bench-latency ended: {(stage.folder / 'log').read_text()[-2000:]}")
            return Decision(*map(int, line.split()))

        yield next_decision


def pinging(stage, first_ns, every_us, count, pings):
    words = [stage.programs["bench-ping"], stage.redis.socket, first_ns, every_us, count, pings]
    return spawn(words, subprocess.PIPE, None)


def pinged(child):
    """(due, began, ended) of each time, when it has come to its end."""
    told, _ = child.communicate(timeout=WINDOW_NS / 1e9 * 1000)
    if child.returncode != 0:
        raise RuntimeError("bench-ping failed")
    return [tuple(map(int, line.split())) for line in told.decode().splitlines()]


def at(values, percent):
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def latency(programs, size):
    """Two pings in turn with each window, at its half, from a process that sleeps in between as the router does."""
    middle = at_most("latency", "window closes → intents visible, p50 / two cold PINGs", 1.5)
    tail = at_most("latency", "the same, p99", 2.0)
    with Stage(programs) as stage:
        stage.rewind()
        feed = [programs["quantumctl"], "feed", f"--rate={TRICKLE_PER_SEC}", "--seconds=100000", "--seed=7"]
        with driver(stage) as next_decision, stage.process(feed):
            first = next_decision()
            child = pinging(stage, first.tick_ns + WINDOW_NS * 3 // 2, WINDOW_MS * 1000, size.windows, 2)
            decisions = [next_decision() for _ in range(size.windows + 1)]
            pings = pinged(child)
    micros = [decision.micros for decision in decisions if decision.published]
    cold = [(ended - began) / 1000 for _, began, ended in pings]
    if len(micros) < size.windows / 2:
        raise RuntimeError("most windows published nothing")
    middle.add(at(micros, 50) / at(cold, 50))
    tail.add(at(micros, 99) / at(cold, 99))
    middle.details = {"decision_us": micros, "two_pings_us": cold,
                      "tick_late_us": [(decision.tick_ns - decision.due_ns) / 1000 for decision in decisions]}  # fmt: skip
    return [middle, tail]


def crowd(programs, size):
    """100,000 signals that all pass come into one window, while another client pings."""
    whole = at_most("crowd", "100,000 candidates: tick → committed", 50, "ms")
    longest = at_most("crowd", "the longest command of Redis meanwhile", 5, "ms")
    held_up = at_most("crowd", "the longest wait of another client in the decision", 5, "ms")
    with Stage(programs) as stage:
        stage.rewind()
        with driver(stage) as next_decision:
            for number in range(size.crowds):
                one_crowd(stage, next_decision, number, (whole, longest, held_up))
    return [whole, longest, held_up]


def one_crowd(stage, next_decision, number, rows):
    whole, longest, held_up = rows
    began = next_decision()
    stage.db.config_set("slowlog-log-slower-than", SLOW_US)
    stage.db.slowlog_reset()
    stage.fill(CROWD, first=number * CROWD, passing=1000, symbols=CROWD_SYMBOLS)
    half = WINDOW_MS * 1000 // PING_US // PING_SHARE
    first_ns = began.tick_ns + WINDOW_NS - WINDOW_NS // PING_SHARE // 2
    if time.monotonic_ns() > first_ns:
        raise RuntimeError("filling took too long")
    child = pinging(stage, first_ns, PING_US, half, 1)
    decision = next_decision()
    if decision.settled != CROWD:
        raise RuntimeError(f"{decision.settled} of {CROWD} came into the window")
    waits = [(ended - due) / 1e6 for due, began, ended in pinged(child)
             if due < decision.done_ns + 20000000 and ended > decision.tick_ns]  # fmt: skip
    slow = [entry["duration"] / 1000 for entry in stage.db.slowlog_get(1000)]
    whole.add(decision.micros / 1000)
    longest.add(max(slow, default=SLOW_US / 1000))
    held_up.add(max(waits))
    whole.details.setdefault("candidates", []).append(decision.candidates)
