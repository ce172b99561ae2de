"""From the end of a window to the answer to its commit, against a bare client that makes the same two calls in turn."""

import codecs
import re
import socket
from statistics import quantiles

from decision import WINDOW_MS, WINDOW_NS, begin, driver, lines_of
from harness.names import GROUP, INTENTS, OPEN_ORDERS, SIGNALS
from row import at_most, only_told
from stage import Stage

TRICKLE_PER_SEC = 4
BARE = b"bare:"  # before the keys of the bare client
WORD = re.compile(rb'"((?:[^"\\]|\\.)*)"')
FIRST_KEY = 3  # EVALSHA, the script, how many keys
EPOCH, SEQUENCE, FRESH_UNTIL, INTENTS_END = 2, 3, 23, 26  # of the commit's arguments
RECORDS_END, RECORD_WORDS, RECORD = 30, 31, 32
LEASE, COMMIT_HASH, LEADER = 1, 5, 6  # an argument, and two keys
FOREVER_MS = b"9999999999999"


def heard(stage):
    """The calls that Redis hears, word by word."""
    with socket.create_connection(("127.0.0.1", stage.redis.port)) as monitor, monitor.makefile("rb") as lines:
        monitor.sendall(b"MONITOR\r\n")
        for line in lines:
            yield [codecs.escape_decode(word)[0] for word in WORD.findall(line)]


def listen(stage):
    """The two calls of a decision that published, and what goes beside the first."""
    look = beside = None
    for words in heard(stage):
        if words[:1] == [b"HRANDFIELD"]:
            beside = words
        if words[:1] != [b"EVALSHA"] or int(words[2]) == 0:
            continue
        keys = words[FIRST_KEY:FIRST_KEY + int(words[2])]
        if keys[0] == OPEN_ORDERS.encode():
            look = words
        elif look and beside and keys[1:2] == [INTENTS.encode()] and int(words[FIRST_KEY + len(keys) + 11]) > 0:
            return look, beside, words
    raise RuntimeError("Redis told of no decision")


def split(words):
    first = FIRST_KEY + int(words[2])
    return words[:FIRST_KEY], words[FIRST_KEY:first], words[first:]


def own(keys, marks_from):
    """The keys of the bare client; each window has marks of its own."""
    return [BARE + key + (b"{n}" if number >= marks_from else b"") for number, key in enumerate(keys)]


def write_call(path, words):
    if any(b"\n" in word for word in words):
        raise RuntimeError("a word of a call has more than a line")
    path.write_bytes(b"".join(word + b"\n" for word in words))
    return path


def make_calls(stage):
    """Files with what the router asked, for a bare client with keys of its own, which are made here."""
    looked, beside, committed = listen(stage)
    (look_head, look_keys, look), (head, keys, commit) = split(looked), split(committed)
    world = {"epoch": commit[EPOCH], "seq": commit[SEQUENCE]}
    ids = len(look_keys) - 6  # a mark was asked for each candidate
    keys = own(keys, 9)
    stage.db.set(BARE + OPEN_ORDERS.encode(), stage.db.get(OPEN_ORDERS))
    stage.db.hset(keys[COMMIT_HASH], mapping=world)
    stage.db.set(keys[LEADER], commit[LEASE])
    stage.db.xgroup_create(BARE + SIGNALS.encode(), GROUP, id="0", mkstream=True)
    commit[SEQUENCE], commit[FRESH_UNTIL], commit[INTENTS_END] = b"{seq}", FOREVER_MS, b"{end}"
    commit[RECORDS_END] = b"{record}"
    behind = RECORD + int(commit[RECORD_WORDS])
    commit[RECORD:behind] = [word.replace(b"\n", b";") for word in commit[RECORD:behind]]
    commit[-ids:] = [b"{id}"] * ids
    return (write_call(stage.folder / "look", [*look_head, *own(look_keys, 6), *look]),
            write_call(stage.folder / "beside", [beside[0], BARE + beside[1], *beside[2:]]),
            write_call(stage.folder / "commit", [*head, *keys, *commit]))  # fmt: skip


def at(values, percent):
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def micros(windows):
    """(how late it woke, how long it took from then on) of each."""
    return [((woke - due) / 1000, (done - woke) / 1000) for due, woke, done in windows]


def one_round(programs, windows):
    """(how late, how long) of the router's windows and of the bare client's, which end at the half of the router's."""
    with Stage(programs) as stage:
        stage.rewind()
        feed = [programs["quantumctl"], "feed", f"--rate={TRICKLE_PER_SEC}", "--seconds=100000", "--seed=7"]
        with driver(stage) as next_decision, stage.process(feed):
            calls = make_calls(stage)
            first_ns = next_decision().due_ns + WINDOW_NS * 3 // 2
            bare = begin(programs, "bench-bare", stage.redis.port, *calls, first_ns, WINDOW_MS, windows)
            decisions = [next_decision() for _ in range(windows)]
            theirs = micros(lines_of(bare, "bench-bare"))
    ours = micros((each.due_ns, each.woke_ns, each.done_ns) for each in decisions if each.published)
    if len(ours) < windows / 2:
        raise RuntimeError("most windows published nothing")
    return ours, theirs


def latency(programs, size):
    """Where the scheduler puts two that wake each other, and so what a wake costs, stays for long: each round has new ones."""
    middle = at_most("latency", "awake at a window's end → commit answered, p50 / a bare client", 1.25)
    tail = only_told("latency", "the same, p99")
    took = only_told("latency", "the same of the router, p50", "ms")
    late = only_told("latency", "how late its timer wakes it, p50", "ms")
    rounds = [one_round(programs, 2 * size.windows // size.rounds) for _ in range(size.rounds)]
    for windows in rounds:
        ours, theirs = ([took_us for _, took_us in each] for each in windows)
        middle.add(at(ours, 50) / at(theirs, 50))
        tail.add(at(ours, 99) / at(theirs, 99))
        took.add(at(ours, 50) / 1000)
        late.add(at([late_us for late_us, _ in windows[0]], 50) / 1000)
    middle.details = {
        "late_and_took_us": [ours for ours, _ in rounds],
        "bare_late_and_took_us": [theirs for _, theirs in rounds],
    }
    return [middle, tail, took, late]
