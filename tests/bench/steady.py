"""A steady thousand signals a second: the router's share of a core, and whether its memory stands still."""

import mmap
import struct
import time
from pathlib import Path

from row import at_most
from stage import Stage
from whole import memory_kib

RATE = 1000
WARM_UP_SEC = 3
PAUSE_SEC = 0.1
BLOCKS_SLACK = 50
KIB_SLACK = 256


def cpu_seconds(pid):
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def growth(samples):
    """From the lowest of the second quarter to the lowest of the last: what lies above comes and goes with a window."""
    quarter = len(samples) // 4
    return min(samples[-quarter:]) - min(samples[quarter:2 * quarter])


def feeding(stage, seconds):
    """With the signals that `quantumctl feed` makes."""
    return stage.process([stage.programs["quantumctl"], "feed", f"--rate={RATE}", f"--seconds={seconds}", "--seed=7"])


def observe(stage, seconds, look, **environment):
    """Runs the router under the steady rate; (share of a core, what look(pid) gave again and again)."""
    stage.rewind()
    with stage.router(**environment) as router, feeding(stage, WARM_UP_SEC + seconds + 5):
        time.sleep(WARM_UP_SEC)
        spent, began = cpu_seconds(router.pid), time.monotonic()
        samples = []
        while time.monotonic() < began + seconds:
            time.sleep(PAUSE_SEC)
            samples.append(look(router.pid))
        share = 100 * (cpu_seconds(router.pid) - spent) / (time.monotonic() - began)
        if stage.group()["lag"] > RATE:
            raise RuntimeError("the router did not keep pace")
    return share, samples


def steady(programs, size):
    share = at_most("steady", f"{RATE} signals a second: share of a core", 2.0, "%")
    resident = at_most("steady", "growth of its resident memory", KIB_SLACK, "KiB")
    blocks = at_most("steady", "growth of its allocated blocks", BLOCKS_SLACK, "")
    with Stage(programs) as stage:
        spent, samples = observe(stage, size.steady_sec, lambda pid: memory_kib(pid, "VmRSS"))
        share.add(spent)
        resident.add(growth(samples))
        resident.details = {"seconds": size.steady_sec, "first_kib": samples[0], "last_kib": samples[-1]}
    with Stage(programs) as stage:
        samples = count_blocks(stage, size.counted_sec)
        blocks.add(growth([sample[0] for sample in samples]))
        blocks.details = {"seconds": size.counted_sec, "lowest": min(samples)[0], "made": samples[-1][2]}
    return [share, resident, blocks]


def count_blocks(stage, seconds):
    """(blocks in use, their bytes, allocations made), again and again."""
    path = stage.folder / "counts"
    library = stage.programs["libbench-allocations.so"]

    def look(_):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 24, access=mmap.ACCESS_READ) as counts:
            return struct.unpack("3q", counts)

    counting = {"LD_PRELOAD": library, "BENCH_COUNTS": str(path), "CANDIDATE_WINDOW_SEC": "1"}
    return observe(stage, seconds, look, **counting)[1]
