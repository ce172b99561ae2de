"""One run of the benchmark: the groups of rows one after the other, then what they came to."""

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import archive
import chart
import decision
import ended
import growth
import held
import idle
import latency
import memory
import peers
import record
import replay
import steady
import table
import throughput
from build import build


@dataclass
class Group:
    what: str
    measure: Callable  # (programs, size): its rows
    is_slow: bool = False  # a quick run leaves it out, unless it is named


GROUPS = {
    "fresh": Group("a fresh backlog: throughput, Redis' load, CPU per signal", throughput.fresh),
    "stale": Group("a backlog of which everything is stale: throughput", throughput.stale),
    "latency": Group("from a window's end to its commit's answer, at the usual cadence", latency.latency),
    "held": Group("a decision with nothing, with ten and with 10,000 symbols held", held.held),
    "record": Group("a decision with its record and without it", record.record),
    "replay": Group("recorded decisions decided again by quantumctl: rate and memory", replay.replay),
    "crowd": Group("a window of 100,000 candidates", decision.crowd),
    "idle": Group("no signals: CPU and wake-ups", idle.idle),
    "steady": Group("1,000 signals a second: CPU and growth of memory", steady.steady),
    "ended": Group("300 intents a second: from their publication to their end in the executor", ended.ended),
    "memory": Group("memory of a long backlog", memory.backlog),
    "peers": Group("throughput against a Python router (full run)", peers.against, is_slow=True),
    "archive": Group("a report and a replay of 1 GiB of archive (full run)", archive.archive, is_slow=True),
    "growth": Group("cost per signal and per candidate, however many there are", growth.growth),
}


def how_it_runs():
    """As the service does, or not at all: figures of a process that goes ahead of others are no user's."""
    if os.sched_getscheduler(0) != os.SCHED_OTHER or len(os.sched_getaffinity(0)) < os.cpu_count():
        raise SystemExit("tests/bench/run: the router is measured as it runs: under the ordinary scheduler, pinned to nothing")
    nice = os.nice(0)
    return ("over TCP on loopback, default configuration, ordinary scheduler, nothing pinned"
            + (f", but at nice {nice}" if nice else ""))  # fmt: skip


def load():
    """Of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def machine():
    model = "a processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
    return f"{os.cpu_count()} cores, {model}, Linux {os.uname().release}"


def say(words):
    """Progress, for those who wait; not part of the result."""
    if sys.stderr.isatty():
        print(words, file=sys.stderr)


def usual_groups(size):
    return [name for name, group in GROUPS.items() if size.is_full or not group.is_slow]


def measure_all(names, programs, size):
    rows = []
    for name in names:
        began = time.monotonic()
        say(f"measuring {name}: {GROUPS[name].what}")
        rows += GROUPS[name].measure(programs, size)
        say(f"  {time.monotonic() - began:.0f} s")
    return rows


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def measure(options):
    size = replace(options.size, rounds=options.rounds or options.size.rounds)
    way, before = how_it_runs(), load()
    programs = build(options.build_dir, options.router)
    rows = measure_all(options.rows or usual_groups(size), programs, size)
    place = f"{'full' if size.is_full else 'quick'} run on {machine()}, load {before} before and {load()} after"
    print(place, way, sep="\n")
    table.show(rows)
    told = {"machine": place, "way": way, "full": size.is_full, "rows": [row.told() for row in rows]}
    write(options.json or programs.folder / "bench.json", json.dumps(told, indent=1) + "\n")
    write(programs.folder / "bench.md", f"{place}; {way}.\n\n{table.markdown(rows)}")
    write(options.svg or programs.folder / "bench.svg", chart.draw(rows, place, table.figure))
    missed = [row for row in rows if not row.met]
    print(f"{len(rows) - len(missed)} of {len(rows)} rows at or past their target" if missed else "all rows at or past their target")
    return 1 if missed else 0
