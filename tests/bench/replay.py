"""How fast recorded decisions are decided again, and what that takes of memory, however many there are."""

from harness.names import DECISIONS, SETTINGS
from row import at_least, at_most, only_told
from stage import Stage
from whole import run_whole

CANDIDATES = 10
FEW = 5000


def replayed(stage, count):
    whole = run_whole([stage.programs["quantumctl"], "replay"], env=stage.environment())
    if not whole.told.startswith(f"{count} records: {count} identical"):
        raise RuntimeError(f"quantumctl replay: {whole.told}")
    return whole


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
            whole = replayed(stage, count)
            if count == FEW:
                few = whole
    rate.add(size.records / whole.seconds)
    cpu.add(whole.cpu_sec * 1e6 / size.records)
    memory.add(whole.resident_mib)
    growth.add(whole.resident_mib / few.resident_mib)
    return [rate, cpu, memory, growth]
