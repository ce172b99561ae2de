"""The peers: the same job in Python and in Node, on the same stream, and whether they come to the same."""

import re
import subprocess

from build import NotMeasured
from harness.waiting import wait_until
from row import at_least
from stage import Stage
from throughput import turn

SAMPLE = 10000  # of quantumctl feed, with all that can be wrong with a signal
PUBLISHED = 10
CYCLE = re.compile(r"CYCLE (read=.* close=\d+)")
WIDE_OPEN = {"MAX_NEW_PER_CYCLE": str(PUBLISHED), "TARGET_OPEN_ORDERS": str(PUBLISHED), "CANDIDATE_WINDOW_SEC": "2"}
COMPARED = ("symbol", "action", "rank", "confidence", "position_size_usd", "decision_id", "signal_id")


def against(programs, size):
    python = at_least("python", "throughput / a good Python router", 15)
    node = at_least("node", "throughput / a good Node one", 5)
    words = {}
    for row, command in ((python, programs.python_peer), (node, programs.node_peer)):
        try:
            words[row.name] = command()
        except NotMeasured as reason:
            row.missing = str(reason)
    with Stage(programs) as stage:
        compare(stage, words)
    with Stage(programs) as stage:
        stage.fill(size.peer_entries)
        for _ in range(min(size.rounds, 3)):
            router = turn(stage, stage.router(), size.peer_entries)
            for row in (python, node):
                if row.name in words:
                    peer = turn(stage, peer_process(stage, words[row.name]), size.peer_entries)
                    row.add(router["rate"] / peer["rate"])
                    note(row, router, peer)
    return [python, node]


def peer_process(stage, words, **environment):
    return stage.process([*words, stage.redis.socket], **environment)


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


def compare(stage, words):
    """All of the sample fits into the first window, and none falls out of it."""
    feed = [stage.programs["quantumctl"], "feed", f"--backlog={SAMPLE}", "--seed=7"]
    subprocess.run(feed, env=stage.environment(), check=True, stdout=subprocess.DEVNULL)
    router = outcome(stage, stage.router(**WIDE_OPEN))
    if len(router["intents"]) != PUBLISHED or len(router["cycles"]) != 1:
        raise RuntimeError(f"the sample did not come into one window: {router}")
    for name, command in words.items():
        peer = outcome(stage, peer_process(stage, command, **WIDE_OPEN))
        if peer != router:
            raise RuntimeError(f"the {name} peer decides otherwise:\n{peer}\nthe router:\n{router}")
    stage.rewind()
    with stage.floor():
        stage.expect_settled()
