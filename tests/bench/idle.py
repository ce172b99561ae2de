"""What a router costs that has nothing to do: its share of a core, and how often it wakes."""

import time
from pathlib import Path

from row import at_most
from stage import Stage
from steady import WARM_UP_SEC, cpu_seconds


def wake_ups(pid):
    """How often its threads slept and were woken, or were put aside."""
    texts = [status.read_text() for status in Path(f"/proc/{pid}/task").glob("*/status")]
    return sum(int(line.split()[1]) for text in texts for line in text.splitlines() if "_ctxt_switches:" in line)


def idle(programs, size):
    share = at_most("idle", "no signals: share of a core", 0.5, "%")
    woken = at_most("idle", "no signals: wake-ups a second", 20, "")
    with Stage(programs) as stage:
        stage.rewind()
        with stage.router() as router:
            time.sleep(WARM_UP_SEC)
            began, spent, before = time.monotonic(), cpu_seconds(router.pid), wake_ups(router.pid)
            time.sleep(size.idle_sec)
            seconds = time.monotonic() - began
            share.add(100 * (cpu_seconds(router.pid) - spent) / seconds)
            woken.add((wake_ups(router.pid) - before) / seconds)
    return [share, woken]
