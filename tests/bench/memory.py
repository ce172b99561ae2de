"""What a long backlog costs the router in memory."""

import time

from row import at_most
from stage import FOREVER, HELD_MAX, Stage
from whole import memory_kib

IDLE_SEC = 4


def backlog(programs, size):
    above = at_most("memory", f"{size.memory_entries:,} entries of backlog: memory above idle", 16, "MiB")
    with Stage(programs) as stage:
        stage.rewind()
        with stage.router() as router:
            time.sleep(IDLE_SEC)
            idle = memory_kib(router.pid, "VmHWM")
        stage.fill(size.memory_entries)
        stage.rewind()
        with stage.router(**FOREVER) as router:
            stage.watch(router, size.memory_entries, HELD_MAX)
            stage.expect_settled()
            highest = memory_kib(router.pid, "VmHWM")
    above.add((highest - idle) / 1024)
    above.details = {"idle_kib": idle, "highest_kib": highest}
    return [above]
