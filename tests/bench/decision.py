"""How long a decision takes over a crowded window, and bench-latency, which tells of each window."""

import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass

from harness.process import spawn
from row import at_most
from stage import Stage

WINDOW_MS = 3000
WINDOW_NS = WINDOW_MS * 1000000
CROWD = 100000
CROWD_SYMBOLS = 1000
ASK_US = 500
ASK_SHARE = 2  # the bystander asks for half of the window, around its end
SLOW_US = 200
TOO_SLOW_MAX = 10


@dataclass
class Decision:
    """A line of bench-latency."""

    due_ns: int
    woke_ns: int
    done_ns: int
    candidates: int
    settled: int
    published: int
    is_recorded: int
    router_ns: int  # on a processor, from awake until all was told
    redis_ns: int

    @property
    def micros(self):
        return (self.done_ns - self.due_ns) / 1000


@contextmanager
def driver(stage, *flags, **environment):
    """Runs the router in bench-latency; gives a function that waits for the next decision."""
    words = [stage.programs["bench-latency"], str(stage.redis.process.pid), *flags]
    with stage.process(words, stdout=subprocess.PIPE, **environment) as child:

        def next_decision():
            line = child.stdout.readline()
            if not line:
                raise RuntimeError(f"bench-latency ended: {(stage.folder / 'log').read_text()[-2000:]}")
            return Decision(*map(int, line.split()))

        yield next_decision


def took_ms(next_decision, candidates):
    """Of the next window with candidates, from awake to the commit's answer; None where they came into two windows."""
    decision = next_decision()
    while decision.candidates == 0:
        decision = next_decision()
    if decision.candidates != candidates:
        return None
    if decision.published == 0:
        raise RuntimeError("a window published nothing")
    return (decision.done_ns - decision.woke_ns) / 1e6


def begin(programs, name, *words):
    """One of the small programs, which runs beside the router."""
    return spawn([programs[name], *words], subprocess.PIPE, None)


def lines_of(child, name):
    """The numbers that it printed, when it has come to its end."""
    told, _ = child.communicate(timeout=600)
    if child.returncode != 0:
        raise RuntimeError(f"{name} failed")
    return [tuple(map(int, line.split())) for line in told.decode().splitlines()]


def crowd(programs, size):
    """100,000 signals that all pass come into one window, while another client asks."""
    whole = at_most("crowd", "100,000 candidates: the window's end → committed", 50, "ms")
    longest = at_most("crowd", "the longest command of Redis meanwhile", 5, "ms")
    held_up = at_most("crowd", "the longest wait of another client in the decision", 5, "ms")
    with Stage(programs) as stage:
        stage.rewind()
        with driver(stage) as next_decision:
            for number in range(size.crowds + TOO_SLOW_MAX):
                if len(whole.values) < size.crowds:
                    one_crowd(stage, next_decision, number, (whole, longest, held_up))
    if len(whole.values) < size.crowds:
        raise RuntimeError("too much else runs here: a crowd does not come into one window")
    return [whole, longest, held_up]


def one_crowd(stage, next_decision, number, rows):
    """Nothing is measured of one that was filled too slowly."""
    whole, longest, held_up = rows
    began = next_decision()
    stage.db.config_set("slowlog-log-slower-than", SLOW_US)
    stage.db.slowlog_reset()
    stage.fill(CROWD, first=number * CROWD, passing=1000, symbols=CROWD_SYMBOLS)
    first_ns = began.woke_ns + WINDOW_NS - WINDOW_NS // ASK_SHARE // 2
    if time.monotonic_ns() > first_ns:
        stage.expect_settled()
        return
    times = WINDOW_MS * 1000 // ASK_US // ASK_SHARE
    bystander = begin(stage.programs, "bench-bystander", stage.redis.port, first_ns, ASK_US, times)
    decision = next_decision()
    if decision.settled != CROWD:
        raise RuntimeError(f"{decision.settled} of {CROWD} came into the window")
    waits = [(answered - asked) / 1e6 for asked, answered in lines_of(bystander, "bench-bystander")
             if asked < decision.done_ns + 20000000 and answered > decision.woke_ns]  # fmt: skip
    slow = [entry["duration"] / 1000 for entry in stage.db.slowlog_get(1000)]
    whole.add(decision.micros / 1000)
    longest.add(max(slow, default=SLOW_US / 1000))
    held_up.add(max(waits))
    whole.details.setdefault("candidates", []).append(decision.candidates)
