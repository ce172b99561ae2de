"""A peer: the same job in Python, on the same stream, and whether it comes to the same. A comparison, without a target."""

import re
import subprocess

from harness.waiting import wait_until
from row import only_told
from stage import FOREVER, Stage
from throughput import turn

SAMPLE = 10000  # of quantumctl feed, with all that can be wrong with a signal
PUBLISHED = 10
CYCLE = re.compile(r"CYCLE (read=.* close=\d+)")
WIDE_OPEN = {"MAX_NEW_PER_CYCLE": str(PUBLISHED), "TARGET_OPEN_ORDERS": str(PUBLISHED), "CANDIDATE_WINDOW_SEC": "2"}
COMPARED = ("symbol", "action", "rank", "confidence", "position_size_usd", "decision_id", "signal_id")


def against(programs, size):
    ratio = only_told("peers", "throughput / a good Python router")
    with Stage(programs) as stage:
        compare(stage)
    with Stage(programs) as stage:
        stage.fill(size.peer_entries)
        for _ in range(min(size.rounds, 3)):
            router = turn(stage, stage.router(**FOREVER), size.peer_entries)
            peer = turn(stage, python(stage, **FOREVER), size.peer_entries)
            ratio.add(router["rate"] / peer["rate"])
            note(ratio, router, peer)
    return [ratio]


def python(stage, **environment):
    return stage.process([*stage.programs.python_peer(), stage.redis.port], **environment)


def note(row, router, peer):
    figures = {"router_per_sec": router["rate"], "peer_per_sec": peer["rate"],
               "router_us": 1e6 * router["cpu"][1] / router["settled"],
               "peer_us": 1e6 * peer["cpu"][1] / peer["settled"]}  # fmt: skip
    for name, value in figures.items():
        row.details.setdefault(name, []).append(round(value, 3))


def outcome(stage, consumer):
    """What one window over the sample publishes, in its order, and what became of all others; by then all is acknowledged."""
    stage.rewind()
    log = stage.folder / "log"
    begin = log.stat().st_size if log.exists() else 0
    with consumer:
        stage.expect_settled()
        wait_until("a CYCLE line", lambda: CYCLE.search(log.read_bytes()[begin:].decode()))
    cycles = CYCLE.findall(log.read_bytes()[begin:].decode())
    intents = [{name: intent[name] for name in COMPARED} for intent in stage.intents()]
    return {"cycles": cycles, "intents": intents}


def compare(stage):
    """All of the sample fits into the first window, and none falls out of it."""
    feed = [stage.programs["quantumctl"], "feed", f"--backlog={SAMPLE}", "--seed=7"]
    subprocess.run(feed, env=stage.environment(), check=True, stdout=subprocess.DEVNULL)
    settings = {**FOREVER, **WIDE_OPEN}
    router = outcome(stage, stage.router(**settings))
    if len(router["intents"]) != PUBLISHED or len(router["cycles"]) != 1:
        raise RuntimeError(f"the sample did not come into one window: {router}")
    peer = outcome(stage, python(stage, **settings))
    if peer != router:
        raise RuntimeError(f"the peer decides otherwise:\n{peer}\nthe router:\n{router}")
    stage.rewind()
    with stage.floor():
        stage.expect_settled()
