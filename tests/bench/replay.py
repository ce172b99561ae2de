"""How fast recorded decisions are decided again, and what that takes of memory, however many there are."""

import os
import subprocess
import time

from harness.names import DECISIONS, SETTINGS
from row import at_least, at_most, only_told
from stage import Stage

CANDIDATES = 10
FEW = 5000


def replayed(stage, count):
    """Seconds by the clock and on a processor, and the most memory, in MiB."""
    words = [stage.programs["quantumctl"], "replay"]
    began = time.monotonic()
    child = subprocess.Popen(words, env=stage.environment(), stdout=subprocess.PIPE)
    told = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    child.stdout.close()
    if child.returncode != 0 or not told.startswith(f"{count} records: {count} identical"):
        raise RuntimeError(f"quantumctl replay: {told}")
    return time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def replay(programs, size):
    """The stream is a router's as it leaves it, of windows of ten."""
    rate = at_least("replay", f"{size.records:,} records of {CANDIDATES} candidates: decided again, a second", 1000000 / 60, "")
    cpu = only_told("replay", "CPU of it, a record", "µs")
    memory = at_most("replay", "its memory", 40, "MiB")
    growth = at_most("replay", f"its memory / that of {FEW:,} records", 1.2)
    with Stage(programs) as stage:
        for count in (FEW, size.records):
            stage.db.flushall()
            stage.run("bench-records", stage.redis.port, DECISIONS, SETTINGS, count, CANDIDATES, 1)
            seconds, spent, mib = replayed(stage, count)
            if count == FEW:
                few_mib = mib
    rate.add(size.records / seconds)
    cpu.add(spent * 1e6 / size.records)
    memory.add(mib)
    growth.add(mib / few_mib)
    return [rate, cpu, memory, growth]
