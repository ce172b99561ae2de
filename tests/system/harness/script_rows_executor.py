"""The executor's scripts, and what they say to keys that are not as they should be (script_case.py)."""

from harness.script_case import ALSO, Case, Key, also
from harness.script_faults import COUNTS, OTHER_SIDE, TEXTS, counter, fields, output, pending, positions, rate, record, shown, text

ETH = '{"symbol":"ETH","side":"BUY"}'
WORLD = [
    ("XGROUP", "CREATE", "intents", "g", "0", "MKSTREAM"),
    ("XADD", "intents", "7-0", "payload", "{}"),
    ("XREADGROUP", "GROUP", "g", "me", "STREAMS", "intents", ">"),
    ("HSET", "begun", "count", "1", "note", "n"),
    ("XADD", "results", "1-0", "f", "v"),
    ("XADD", "dead_letters", "1-0", "f", "v"),
    ("SET", "open", "1"),
    ("HSET", "positions", "5-0", ETH),
    ("HSET", "held", "ETH", "BUY"),
    ("SET", "rate:BTC", "1", "EX", 30),
    ("SET", "rate", "2", "EX", 60),
    ("SET", "hold", "1000", "EX", 60),
    ("SET", "price", "100.5"),
    ("HSET", "exits", "3-0", "asked"),
    ("HSET", "last:BTC", "BUY", "6-0", "SELL", "8-0"),
]
HELD = ("", "x", "buy", "BUY 0", "BUY -1", "BUY 1.5", "SELL 1000000", "SELL", "BUY 2 3", "x" * 1000)
IDS = ("", "0", "x", "7", "7-", "-0", "7-0-0", "+7-0", "7.0-0", "18446744073709551616-0", "1" * 40 + "-0", "x" * 100)

# One who may read nothing of a stream, or has no group there, begins a new session.
READ = {"gone": "refused", "no group": "refused", "types": "refused", "nothing pending": "halted", "rest": "done"}


def intents(**words):
    return Key("intents", "stream", {**READ, **words}, pending("g"))


def open_orders(**words):
    return Key("open", "string", words, counter())


# The number of positions is written, whatever the key said; but missing stays missing.
COUNTED = {"gone": "skipped", "rest": "repaired"}


def of_positions(**words):
    return Key("positions", "hash", words, positions())


def held(**words):
    """It says nothing to anybody here: whatever it is, it is written as the positions are."""
    return Key("held", "hash", {"types": "refused", "rest": "done", **words}, fields(["ETH", "no symbol"], HELD))


def begun(**words):
    return Key("begun", "hash", words, record(count=COUNTS, note=TEXTS))


def mark(**words):
    return Key("mark", "string", {"gone": "done", "types": "refused", **words}, text())


def last_exits(**words):
    return Key("last:BTC", "hash", words, fields(["BUY", "SELL"], IDS))


def written(key, **words):
    """A stream that something is added to."""
    refused = {"types": "refused", "at its last id": "refused", "at its last ms": "refused", "rest": "done"}
    return Key(key, "stream", {**refused, **words}, output())


def hold(**words):
    return Key("hold", "string", {"gone": "done", "types": "refused", **words}, text())


def opening(kind, said):
    closes = "halted: hold" if kind != "would" else "done"
    return Case(
        f"open_{kind}",
        "executor/act/open.lua",
        WORLD,
        {
            "intents": intents(),
            "mark": mark(values="halted: end duplicate"),
            "open orders": open_orders(**{"rest": closes, "9007199254740993": closes}),
            "safe mode": Key("safe", "string", {"gone": "done", "rest": "halted: hold"}, text()),
            "hold": hold(rest="done"),
            "positions": of_positions(**{
                "gone": "done",
                "types": "refused",
                '5-0={"symbol":"BTC"}': "halted: end opposite_open",
                f"5-0={shown(OTHER_SIDE)}": "halted: end opposite_open",
                "ten thousand": "halted: end max_open",
                "rest": "done",
            }),
            "symbol's rate": Key("rate:BTC", "string", {"gone": "repaired", "for ever": "repaired", "too long": "repaired", "rest": "refused"}, rate()),
            "global rate": Key("rate", "string", {"gone": "repaired", "for ever": "repaired", "too long": "repaired", "rest": "refused"}, rate()),
            "begun": begun(types="refused", rest="done"),
            "results": written("results"),
            "the symbol's last exits": last_exits(gone="done", rest="refused"),
            "what is held": held(**{"rest": "done" if kind != "would" else "skipped"}),
            **also("halted: hold"),
        },
        ["g", "7-0", kind, 3600, "7-0 filled", lambda now: (now + 60) * 1000, 10, "BTC", "BUY", "0",
         5, 30, 5, 60, '{"symbol":"BTC","side":"BUY"}', 1000, ALSO, "f", "v"],
        said,
    )  # fmt: skip


def closing(kind, said):
    return Case(
        f"close_{kind}",
        "executor/act/close.lua",
        WORLD,
        {
            "intents": intents(),
            "mark": mark(values="halted: end duplicate"),
            "open orders": open_orders(**COUNTED if kind == "close" else {"rest": "skipped"}),
            "positions": of_positions(**{"gone": "halted: moved", "types": "refused", "5-0=": "halted: moved", "rest": "done"}),
            "begun": begun(types="refused", rest="done"),
            "results": written("results"),
            "exits that were handed over": Key("exits", "hash", {"gone": "done", "types": "refused"} if kind == "hand" else {"rest": "skipped"}),
            "the symbol's last exits": last_exits(gone="done", rest="refused"),
            "what is held": held(**{"rest": "done" if kind == "close" else "skipped"}),
        },
        ["g", "7-0", kind, 3600, "7-0 closed", lambda now: (now + 60) * 1000, "kept", 1000, "BUY", 1, "5-0", ETH,
         "leaving" if kind == "hand" else "", "f", "v"],
        said,
    )  # fmt: skip


def ending(name, dead_letter):
    return Case(
        name,
        "executor/act/decline.lua",
        WORLD,
        {
            "intents": intents(),
            "mark": mark(values="skipped"),
            "begun": begun(types="refused", rest="done"),
            "results": written("results"),
            "dead letters": written("dead_letters") if dead_letter else Key("dead_letters", "stream", {"rest": "skipped"}, output()),
            "the symbol's last exits": last_exits(gone="done", rest="refused"),
        },
        ["g", "7-0", 3600, "7-0 rejected:x", "BUY", 1000, 2, "f", "v", *dead_letter],
        r"\[done\]",
    )


def answering(name, remembers, *changes):
    """`changes`: of positions and exits, four words each; whatever is asked for must be as it was."""
    asked = {(changes[i], changes[i + 1]) for i in range(0, len(changes), 4)}
    of_position = "halted: moved" if ("positions", "5-0") in asked else "done"
    return Case(
        f"answer_{name}",
        "executor/act/answer.lua",
        [
            ("XGROUP", "CREATE", "answers", "g", "0", "MKSTREAM"),
            ("XADD", "answers", "9-0", "f", "v"),
            ("XREADGROUP", "GROUP", "g", "me", "STREAMS", "answers", ">"),
            *WORLD,
        ],
        {
            "answers": Key("answers", "stream", READ, pending("g")),
            "positions": of_positions(**{
                "gone": of_position, "types": "refused", "5-0=": of_position, "rest": "done",
            }),
            "exits": Key("exits", "hash", {"gone": "halted: moved" if ("exits", "3-0") in asked else "done", "types": "refused"}),
            "open orders": open_orders(**COUNTED),
            "results": written("results"),
            "the order once it was refused": Key(
                "refused", "string", {"gone": "done", "rest": "skipped" if remembers == "keep" else "done"}, text(),
            ),
            "what is held": held(),
        },
        ["g", "9-0", 1000, remembers, 60, 2, "f", "v", *changes],
        r"\[done \d+\]",
    )  # fmt: skip


CASES = [
    Case(
        "arrive",
        "executor/act/arrive.lua",
        [("XADD", "intents", "7-0", "f", "v"), ("HSET", "positions", "5-0", "{}")],
        {
            "intents": Key("intents", "stream", {"types": "refused", "rest": "done"}, output()),
            "open orders": open_orders(gone="done", rest="skipped"),
            "positions": of_positions(types="refused", rest="done"),
            "what is held": held(),
        },
        ["g", 600_000, "me", 3_600_000, "1"],
        r"\[\d+ \d+ 1 \d* \[.*\]\]",
    ),
    Case(
        "state_doubt",
        "executor/act/state_doubt.lua",
        [*WORLD, ("HSET", "server", "run_id", "r0", "repl_id", "l0", "unsure_since", "1000", "unsure_resumed", "1"),
         ("HSET", "commit", "resumed", "2")],
        {
            "intents": Key("intents", "stream", {"types": "refused", "gone": r"unknown: \[0 .*", "no group": r"unknown: \[0 .*",
                                                 "rest": "done"}, pending("g")),
            "what is known of the server": Key("server", "hash", {"gone": r"unknown: \[0 .*", "types": "refused",
                "without run_id": r"unknown: \[0 .*", "rest": "done"},
                record(run_id=TEXTS, repl_id=TEXTS, unsure_since=COUNTS, unsure_resumed=TEXTS)),
            "the router's commit hash": Key("commit", "hash", {"types": "refused", "rest": "done"}, record(resumed=TEXTS)),
        },
        ["g", ""],
        r"\[1\d{12} \d+ \d+\]",
        notes=("server",),
    ),
    Case(
        "look",
        "executor/act/look.lua",
        WORLD,
        {
            "intents": intents(**{"nothing pending": r"unknown: \[\d+ \d+ 0 .*"}),
            "mark": mark(values="unknown"),
            "open orders": open_orders(
                gone="unknown: .* 0 missing 1000 .*",
                types=r"unknown: .* 0 type:\w+ 1000 .*",
                values="unknown: .* 0 text:(?!1 ).* 1000 .*",
            ),
            "safe mode": Key("safe", "string", {"gone": "done", "rest": "unknown: .* 1  1 text:1 1000 .*"}, text()),
            "hold": hold(gone="unknown: .* text:1  1 .*", values="unknown"),
            "positions": of_positions(**{
                "gone": "unknown: .* 1000 0 1 2 .*", "types": "refused", "5-0=": r"unknown: .*\[\] 0\]", "rest": "unknown",
            }),
            "symbol's rate": Key(
                "rate:BTC", "string", {"gone": "unknown: .* 1 0 2 text.*", "for ever": "unknown: .* 1 0 2 text.*", "too long": "unknown: .* 1 0 2 text.*", "rest": "refused"}, rate(),
            ),
            "global rate": Key(
                "rate", "string", {"gone": "unknown: .* 1 1 0 text.*", "for ever": "unknown: .* 1 1 0 text.*", "too long": "unknown: .* 1 1 0 text.*", "rest": "refused"}, rate(),
            ),
            "price": Key(
                "price",
                "string",
                {"gone": r"unknown: .* missing \[.*", "types": r"unknown: .* type:\w+ \[.*", "values": r"unknown: .* text:(?!100\.5).* \[.*"},
                counter(),
            ),
            "the symbol's last exits": last_exits(gone="done", rest="refused"),
            **also("unknown: .* 1  1 text:1 1000 .*"),
        },
        ["g", "7-0", "ETH", 64, "BUY", 30, 60, ALSO],
        r'\[\d+ \d+ 1  0 text:1 1000 1 1 2 text:100.5 \[5-0 {"symbol":"ETH","side":"BUY"}\] 0\]',
    ),
    Case(
        "begin",
        "executor/act/begin.lua",
        WORLD,
        {
            "intents": intents(),
            "begun": begun(**{"types": "refused", "count=-1": "done", "count=": "refused", "rest": "done"}),
        },
        ["g", "7-0", 3600],
        r"\[begun \d .*\]",
    ),
    Case(
        "fail",
        "executor/act/fail.lua",
        WORLD,
        {"begun": begun(**{"gone": "skipped", "types": "skipped", "count=-1": "done", "count=": "skipped", "rest": "done"})},
        ["what went wrong"],
        "0|-[12]",
    ),
    opening("fill", r"\[done \d+\]"),
    opening("hand", r"\[done \d+\]"),
    opening("would", r"\[done \d+\]"),
    closing("close", r"\[done \d+\]"),
    closing("hand", r"\[done \d+\]"),
    closing("would", r"\[done \d+\]"),
    ending("end", []),
    ending("end_dead_letter", [1000, "symbol", 0, "why", ""]),
    Case(
        "paper_exit",
        "executor/act/paper_exit.lua",
        WORLD,
        {
            "open orders": open_orders(**COUNTED),
            "positions": of_positions(**{"gone": "halted: gone", "types": "refused", "rest": "done"}),
            "results": written("results"),
            "what is held": held(),
        },
        ["5-0", 1000, "f", "v"],
        r"\[done \d+\]",
    ),
    Case(
        "hold",
        "executor/act/hold.lua",
        WORLD,
        {
            "hold": hold(gone="done", rest="done"),
            "safe mode": Key("safe", "string", {"gone": "done", "rest": "unknown: .1 .*"}, text()),
            "open orders": open_orders(rest="unknown: .1 .*"),
            **also(r"unknown: .1 (text|type):.* [12]."),
        },
        ["1", 30, 64, ALSO],
        r"\[0 missing -2 text:1 \d+ \d+ 0\]",
        notes=("hold",),
    ),
    answering("fills", "keep", "positions", "5-0", ETH, "open"),
    answering("refuses", ETH, "positions", "5-0", ETH, ""),
    answering("reopens", "drop", "positions", "4-0", "", "open"),
    answering("ends_an_exit", "keep", "exits", "3-0", "asked", "", "positions", "5-0", ETH, ""),
]  # fmt: skip
