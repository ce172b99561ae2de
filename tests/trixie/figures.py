#!/usr/bin/python3
"""What TLS costs: a backlog read, and a decision committed, by TCP and by TLS in turn on one Redis.

    tests/trixie/run python3 tests/trixie/figures.py [ROUNDS]
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "system")]

from authority import Authority  # noqa: E402
from harness.names import SIGNALS  # noqa: E402
from harness.page import Page  # noqa: E402
from harness.redis import free_port  # noqa: E402
from harness.rig import ROOMY, Rig  # noqa: E402
from harness.signals import signal  # noqa: E402
from harness.waiting import wait_until  # noqa: E402
from tls_server import TlsServer  # noqa: E402

BACKLOG = 100_000
DECISIONS = 200


def write(rig, count, confidence):
    pipe = rig.redis.raw.pipeline(transaction=False)
    for number in range(count):
        pipe.xadd(SIGNALS, signal(f"COIN{number % 500}", confidence=confidence))
        if number % 1000 == 999:
            pipe.execute()
    pipe.execute()


def cpu_sec(process):
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def backlog(rig, start):
    """Signals a second, from the first read to the last ACK, and what each costs router and Redis, which a busy machine changes less."""
    write(rig, BACKLOG, 0.1)
    began_cpu = cpu_sec(rig.redis.process)
    router = start()
    router.expect("LEADER_ACQUIRED")
    began = time.monotonic()
    wait_until("the backlog is done", lambda: rig.lag() == 0 and rig.pending() == 0, 60, rig.told)
    took = time.monotonic() - began
    cpu = {"router": cpu_sec(router.process), "redis": cpu_sec(rig.redis.process) - began_cpu}
    router.close()
    return {"signals/s": BACKLOG / took, **{f"{name} us/signal": 1e6 * spent / BACKLOG for name, spent in cpu.items()}}


def decisions(rig, start):
    """Milliseconds from a commit to its answer, the mean of many."""
    page = Page(free_port())
    router = start(METRICS_LISTEN=f"127.0.0.1:{page.port}", **ROOMY)
    router.expect("LEADER_ACQUIRED")
    for number in range(DECISIONS):
        rig.must_xadd(f"COIN{number}")
        rig.expect_intent()
    found = page.metrics()
    router.close()
    return {"commit ms": 1000 * found["commit_seconds_sum"] / found["commit_seconds_count"]}


def main(rounds):
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        for _ in range(rounds):
            for kind in ("TCP", "TLS"):
                for measure in (backlog, decisions):
                    with Rig(TlsServer, authority=authority, port=free_port()) as rig:
                        rig.redis.start()
                        rig.set_open(0)
                        url = rig.redis.place if kind == "TLS" else f"redis://127.0.0.1:{rig.redis.port}"
                        flags = [f"--redis.tls_ca={authority.certificate}"] if kind == "TLS" else []
                        start = lambda **env: rig.start_router(*flags, url=url, **env)  # noqa: E731
                        for name, value in measure(rig, start).items():
                            figures.setdefault((name, kind), []).append(value)
    for (name, kind), values in sorted(figures.items()):
        print(f"{name:18} {kind}  median {statistics.median(values):12.3f}  of {len(values)}  {min(values):.3f} to {max(values):.3f}")


main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
