"""The router's scripts, and what they say to keys that are not as they should be (script_case.py)."""

from harness.script_case import ALSO, Case, Key, also
from harness.script_faults import COUNTS, TEXTS, counter, output, pending, record, text

WORLD = [
    ("XGROUP", "CREATE", "signals", "g", "0", "MKSTREAM"),
    ("XADD", "signals", "1-0", "f", "v"),
    ("XREADGROUP", "GROUP", "g", "me", "STREAMS", "signals", ">"),
    ("HSET", "commit", "epoch", "e1", "seq", "5", "origin", "e0", "open_seen", "text:1", "since", "1", "supers", "",
     "cycle_id", "c4", "intents", "1-0", "held_until", "1000", "lease_ms", "60000", "resumed", "1", "run_id", "r0",
     "repl_id", "l0", "seen_server", "r0 l0", "seen_ms", "1000", "unsure_since", "1000", "unsure_resumed", "1",
     "asked", "900"),
    ("SET", "open", "1"),
    ("HSET", "held", "BTCUSDT", "BUY"),
    ("SET", "daily", "3", "EX", 60_000),
    ("XGROUP", "CREATE", "intents", "x", "0", "MKSTREAM"),
    ("XGROUP", "CREATECONSUMER", "intents", "x", "c"),
    ("XADD", "intents", "1-0", "f", "v"),
]  # fmt: skip
HELD = [*WORLD, ("SET", "leader", "a:1", "PX", 60_000)]


def commit_hash(**words):
    fields = record(
        epoch=TEXTS, seq=COUNTS, held_until=COUNTS, origin=TEXTS, open_seen=TEXTS, since=COUNTS, supers=TEXTS,
        cycle_id=TEXTS, intents=TEXTS, record=TEXTS, resumed=TEXTS, days=TEXTS, minute=TEXTS, lease_ms=COUNTS,
        run_id=TEXTS, repl_id=TEXTS, seen_server=TEXTS, seen_ms=COUNTS,
        unsure_since=COUNTS, unsure_resumed=TEXTS, asked=COUNTS,
    )  # fmt: skip
    return Key("commit", "hash", words, fields)


def leader(**words):
    return Key("leader", "string", words, text())


def signals(**words):
    return Key("signals", "stream", words, pending("g"))


def open_orders(**words):
    return Key("open", "string", words, counter())


def held(**words):
    return Key("held", "hash", words, record(BTCUSDT=TEXTS))


def safe_mode(**words):
    return Key("safe", "string", words, text())


def daily(**words):
    return Key("daily", "string", words, counter())


def mark(key, **words):
    return Key(key, "string", words, text())


def taking(name, world, leader_said):
    return Case(
        name,
        "router/act/lease_take.lua",
        world,
        {
            "leader": leader(gone="done", types="refused", values=leader_said),
            "commit hash": commit_hash(**{"types": "refused", "seq=": "refused", "rest": "done"}),
            "signals": signals(rest="done"),
        },
        ["b:1", 1000, "a:1", "e2", "", "g", "me", "", " c3 c4 "],
        r"\[taken .*\]",
        notes=("commit",),
    )


def committing(name, mode, unwritable, at_last_ms):
    """A commit that may leave its record, or must. Of the last millisecond there are ids left, which is tried, and not relied on."""
    return Case(
        name,
        "router/act/commit.lua",
        [*HELD, ("XADD", "records", "1-0", "f", "v")],
        {
            "signals": signals(types="refused", rest="done"),
            "intents": Key(
                "intents",
                "stream",
                {"types": "refused", "at its last id": "refused", "at its last ms": "refused", "rest": "done"},
                {**output(), **pending("x")},
            ),
            "open orders": open_orders(rest="halted: moved open orders"),
            "safe mode": safe_mode(gone="done", rest="halted: moved safe mode"),
            "daily counter": daily(gone="done", rest="refused"),
            "commit hash": commit_hash(**{
                "gone": "halted: fenced epoch",
                "types": "refused",
                "without epoch": "halted: fenced epoch",
                "epoch=": "halted: fenced epoch",
                "without seq": "halted: fenced sequence",
                "seq=": "halted: fenced sequence",
                "rest": "done",
            }),
            "leader": leader(gone="halted: fenced lease", types="refused", values="halted: fenced lease"),
            "the records": Key(
                "records",
                "stream",
                {"types": unwritable, "at its last id": unwritable, "at its last ms": at_last_ms, "rest": "done"},
                output(),
            ),
            "what is held": held(rest="halted: moved positions"),
            "a mark": mark("mark", gone="done", rest="halted: moved a mark"),
            "a cooldown": mark("cool", gone="done", rest="halted: moved a mark"),
            **also("halted: moved safe mode"),
        },
        ["g", "a:1", "e1", "5", "text:1", "0", 64, "c5", 300, lambda now: now + 86_400, 10_000, 1, 30,
         "x", 600_000, 11, 0, "", 2, "", "", "", 0, "", 300_000, ALSO,
         "1-0", "1", mode, 100, "1-0", 15, *"abcdefghijklmno", "BTCUSDT", "BUY", 2, "f", "v", "1-0"],
        r"\[done (\d+-\d+ (alone)?| (wrong_type|last_id)) \d+-\d+\]",
    )  # fmt: skip


CASES = [
    Case(
        "ack",
        "common/redis/ack.lua",
        WORLD,
        {"stream": signals(types="refused", rest="done")},
        ["g", 1, "", "1-0"],
        r"\[\d+ \d+ 1\]",
    ),
    Case(
        "pending",
        "common/redis/pending.lua",
        WORLD,
        {"stream": signals(**{"gone": "refused", "types": "refused", "no group": "refused", "rest": "done"})},
        ["g", "me", "0-0", 10],
        r"\[\[signals \[.*\]\]\]",
    ),
    taking("take", HELD, "halted"),
    taking("take_free", WORLD, "halted"),
    Case(
        "renew",
        "router/act/lease_renew.lua",
        HELD,
        {"leader": leader(gone="halted", types="refused", values="halted"), "commit hash": commit_hash(rest="done")},
        ["a:1", 1000],
        "",
    ),
    Case(
        "release",
        "router/act/lease_release.lua",
        HELD,
        {
            "leader": leader(gone="skipped", types="refused", values="skipped"),
            "commit hash": commit_hash(rest="done"),
        },
        ["a:1"],
        "OK",
    ),
    Case(
        "snapshot",
        "router/act/snapshot.lua",
        HELD,
        {
            "open orders": open_orders(
                gone=r"unknown: .* missing missing -2 e1 .*",
                types=r"unknown: .* type:\w+ missing -2 e1 .*",
                values=r"unknown: .* text:(?!1 ).* missing -2 e1 .*",
            ),
            "safe mode": safe_mode(
                gone="done",
                types=r"unknown: .* text:1 type:\w+ -1 e1 .*",
                values=r"unknown: .* text:1 text:.* (60|59) e1 .*",
            ),
            "commit hash": commit_hash(types="refused", rest="unknown"),
            "intents": Key("intents", "stream", {"gone": "unknown: .* -1 3 .*", "types": "refused",
                                                 "no group": "unknown: .* -1 3 .*", "values": "done"}, pending("x")),
            "today's counter": daily(gone="unknown: .* 0 text:1 1  1   1000 900 0 0 .*", types="refused", values="unknown"),
            "what is held": held(
                gone=r"unknown: .* missing \[\] 1-0.",
                types=r"unknown: .* type:\w+ \[\] 1-0.",
                rest=r"unknown: .* text:\d+.*",
            ),
            "a mark": mark("mark", gone="done", rest="unknown: .* 5 1 0 0 3 .*"),
            "a cooldown": mark("cool", gone="done", rest="unknown: .* 5 0 1 0 3 .*"),
            **also(r"unknown: .* text:1 (text|type):.* [12] text:1.*"),
        },
        [64, 1, "x", 600_000, 11, 64, 300_000, ALSO, "hash", 10_000],
        r"\[\d+ \d+ text:1 missing -2 e1 5 0 0 0 3 text:1 1  1   1000 900 0 0 text:1 \[\] 1-0\]",
    ),
    committing("commit", "may", "skipped", at_last_ms="done"),
    committing("commit_recorded", "must", "refused", at_last_ms="refused"),
]  # fmt: skip
