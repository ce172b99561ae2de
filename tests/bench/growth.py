"""What a signal costs the router, however many there are: its CPU time, with a canned Redis in the same process."""

import subprocess
import tempfile

from row import at_most

ENTRIES = (1000, 10000, 100000, 1000000)
CANDIDATES = (500, 1000, 2000, 4000)
GROWTH_MAX = 1.20
NO_WINDOW_SEC = 3600
DECISION_SEC = 1
REPEATS, REPEATS_QUICK = 5, 2
MANY = 100000


def cost_ns(programs, folder, case, count, window_sec, repeats):
    """The lowest of some runs: what else the machine does only adds to it."""
    repeats = REPEATS_QUICK if count >= MANY else repeats
    words = [programs["bench-instructions"], folder, case, str(count), str(window_sec)]
    return min(int(subprocess.run(words, capture_output=True, text=True, check=True).stdout) for _ in range(repeats)) / count


def growth(programs, size):
    signal = at_most("growth", f"CPU per signal, 1,000 to {size.growth_max:,} / at 1,000", GROWTH_MAX)
    candidate = at_most("growth", f"CPU per candidate of a decision, to {CANDIDATES[-1]:,} / at 1,000", GROWTH_MAX)
    repeats = REPEATS if size.is_full else REPEATS_QUICK
    with tempfile.TemporaryDirectory(prefix="quantum-bench-") as folder:
        signals = {count: cost_ns(programs, folder, "third", count, NO_WINDOW_SEC, repeats)
                   for count in ENTRIES if count <= size.growth_max}  # fmt: skip
        candidates = {count: cost_ns(programs, folder, "decides", count, DECISION_SEC, repeats)
                      for count in CANDIDATES}  # fmt: skip
    signal.add(max(signals.values()) / signals[1000])
    candidate.add(max(candidates[count] for count in CANDIDATES if count >= 1000) / candidates[1000])
    signal.details, candidate.details = {"ns": signals}, {"ns": candidates}
    return [signal, candidate]
