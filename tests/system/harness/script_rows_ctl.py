"""quantumctl's scripts, and what they say to keys that are not as they should be (script_case.py)."""

from harness.script_case import Case, Key
from harness.script_faults import TEXTS, counter, output, pending, record, text

GROUP = [
    ("XGROUP", "CREATE", "s", "g", "0", "MKSTREAM"),
    ("XADD", "s", "1-0", "f", "v"),
    ("XADD", "s", "2-0", "f", "v"),
    ("XREADGROUP", "GROUP", "g", "me", "COUNT", "1", "STREAMS", "s", ">"),
    ("XADD", "dead_letters", "1-0", "f", "v"),
    ("SET", "mark", "1-0 rejected:x", "EX", "60"),
]
NO_GROUP = {"gone": "refused", "no group": "refused", "types": "refused"}


def stream(**words):
    return Key("s", "stream", words, pending("g"))


def written(key):
    return Key(
        key,
        "stream",
        {"types": "refused", "at its last id": "refused", "at its last ms": "refused", "rest": "done"},
        output(),
    )


FOLLOWED = [
    ("SET", "open", "1", "PX", "60000"),
    ("HSET", "held", "BTC", "BUY"),
    ("PEXPIRE", "held", "60000"),
]


CASES = [
    Case(
        "capacity_follow",
        "ctl/capacity/capacity_follow.lua",
        FOLLOWED,
        {
            "open orders": Key("open", "string", {"types": "unknown: .foreign open is a .*, not a string.", "rest": "done"}, counter()),
            "positions": Key("held", "hash", {"types": "unknown: .foreign held is a .*, not a hash.", "rest": "done"},
                             record(BTC=TEXTS)),
        },
        [120_000, 3, "BTC", "SELL", "ETH", "BUY 2"],
        r"\[done .* 1\]",
        notes=("open", "held"),
    ),
    Case(
        "capacity_follow_unknown",
        "ctl/capacity/capacity_follow.lua",
        FOLLOWED,
        {
            "open orders": Key("open", "string", {"types": "unknown: .foreign open is a .*", "rest": "done"}, counter()),
            "positions": Key("held", "hash", {"types": "unknown: .foreign held is a .*", "rest": "done"}, record(BTC=TEXTS)),
        },
        [120_000, ""],
        r"\[done .* 1\]",
        notes=("open", "held"),
    ),
    Case(
        "count_behind",
        "ctl/look/count_behind.lua",
        GROUP,
        {"stream": stream(**{"types": "refused", "gone": "unknown: .0 1-0.", "entries deleted": "unknown: .0 1-0.", "rest": "done"})},
        ["1-0", "+", 10],
        r"\[1 2-0\]",
    ),
    Case(
        "count_behind_nothing",
        "ctl/look/count_behind.lua",
        GROUP,
        {"stream": stream(types="refused", rest="done")},
        ["18446744073709551615-18446744073709551615", "+", 10],
        r"\[0 18446744073709551615-18446744073709551615\]",
    ),
    Case(
        "held_look",
        "ctl/look/held_look.lua",
        [("SET", "open", "1"), ("HSET", "held", "BTC", "BUY"), ("HSET", "positions", "5-0", "{}")],
        {
            "open orders": Key("open", "string", {"gone": "unknown: .* missing .*", "types": "unknown: .* type:.*", "rest": "done"}),
            "what is held": Key("held", "hash", {"gone": "unknown: .*missing 0. .hash 1 .*", "types": "unknown: .*type:[a-z]+ 0. .hash 1 .*", "rest": "done"}),
            "positions": Key("positions", "hash", {"gone": "unknown: .*missing 0.]", "types": "unknown: .*type:[a-z]+ 0.]", "rest": "done"}),
        },
        [64, 10, 1, 1, 1],
        r"\[\d+ \d+ text:1 \[hash 1 \[BTC BUY\]\] \[hash 1 \[5-0 {}\]\]\]",
    ),
    Case(
        "trim",
        "ctl/trim/trim.lua",
        GROUP,
        {"stream": stream(types="refused", rest="done")},
        ["9-0", 100],
        r"\[.*\]",
    ),
    Case(
        "urgent",
        "ctl/write/urgent.lua",
        [("SET", "safe_mode", "1")],
        {"what is written": Key("safe_mode", "string", {"rest": "done"}, text())},
        [3, "SET", "safe_mode", "1", 2, "TYPE", "safe_mode"],
        r"\[OK string\]",
    ),
    Case(
        "dlq_redrive",
        "ctl/dlq/dlq_redrive.lua",
        GROUP,
        {
            "dead letters": Key("dead_letters", "stream", {"gone": "unknown: gone", "types": "refused", "empty": "unknown: gone",
                                                      "rest": "done"}, output()),
            "intents": Key("s", "stream", {**written("s").words}, output()),
            "mark of the decision": Key("mark", "string", {"types": "refused", "gone": "done", "rest": "skipped"}, text()),
        },
        ["1-0", "1-0 rejected", "f", "v"],
        r"\d+-\d+",
    ),
    Case(
        "drain_settle",
        "ctl/drain/drain_settle.lua",
        GROUP,
        {
            "stream": stream(**{**NO_GROUP, "nothing pending": "unknown: .0.", "rest": "done"}),
            "audit stream": written("audit"),
            "dead letters": written("dead_letters"),
            "where to forward to": written("out"),
        },
        ["g", "me", 1000, 100, "now", "r1", "1-0", "BTC", "60.0", "0.9", "dropped_invalid", 1, "symbol", 0],
        r"\[\]",
    ),
    Case(
        "drain_leave",
        "ctl/drain/drain_leave.lua",
        GROUP,
        {"stream": stream(**{**NO_GROUP, "nothing pending": "done", "rest": "done"})},
        ["g", "me", "1"],
        "1|-1",
    ),
    Case(
        "groups_move",
        "ctl/groups/groups_move.lua",
        GROUP,
        {"stream": stream(**NO_GROUP, rest="done")},
        ["g", "$", 0],
        "moved",
    ),
    Case(
        "groups_prune",
        "ctl/groups/groups_prune.lua",
        GROUP,
        {"stream": stream(**{**NO_GROUP, "nothing pending": "unknown: gone", "rest": "done"})},
        ["g", "me", 0],
        "pending",
    ),
]  # fmt: skip
