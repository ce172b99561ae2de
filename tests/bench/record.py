"""What the record of a decision costs: the same commit with it and without it, in turn, each by a router alone on one Redis.

Where two have their windows side by side, the one that ends soon behind the other finds all awake.
"""

from statistics import median

from decision import driver, took_ms
from harness.names import OPEN_ORDERS, Names
from row import at_most, only_told
from stage import Stage

CANDIDATES = 10
WINDOW_SEC = 0.3
ROOM = {"MAX_OPEN_ORDERS": "1000000", "TARGET_OPEN_ORDERS": "1000000", "CANDIDATE_WINDOW_SEC": str(WINDOW_SEC)}
WITHOUT = Names("plain:")
SIDES = {True: ([], Names("quantum:").signals), False: ([f"--prefix={WITHOUT.prefix}", "--record.max_mib=0"], WITHOUT.signals)}
ROUNDS = 4


def write_signals(stage, stream, turn):
    """With a few decimals, as engines write them; all at one moment."""
    with stage.db.pipeline() as pipe:
        for number in range(CANDIDATES):
            confidence = 0.75 + (turn * CANDIDATES + number) * 7919 % 2400 / 10000
            fields = {"symbol": f"COIN{number}USDT", "side": "BUY", "confidence": f"{confidence:.4f}", "position_size_usd": 150,
                      "leverage": 3, "rl_gate_pass": "true", "regime": "bull" if number % 2 else ""}  # fmt: skip
            pipe.xadd(stream, fields, maxlen=10000)
        pipe.execute()


def one_window(stage, next_decision, stream, turn):
    write_signals(stage, stream, turn)
    return took_ms(next_decision, CANDIDATES)


def record(programs, size):
    """One of 4,000 candidates writes the longest record there is: the group `crowd` has the longest command of Redis then."""
    plain = only_told("record", "10 candidates, no record: awake → commit answered, p50", "ms")
    ratio = at_most("record", "the same, with its record / without", 1.05)
    took = {True: [], False: []}
    with Stage(programs) as stage:
        stage.rewind()
        stage.db.set(OPEN_ORDERS, 0)
        stage.db.set(WITHOUT.open_orders, 0)
        for turn in range(ROUNDS):
            for is_recorded, (flags, stream) in SIDES.items():
                with driver(stage, *flags, **ROOM) as next_decision:
                    took[is_recorded] += [one_window(stage, next_decision, stream, window)
                                          for window in range(turn * size.windows, (turn + 1) * size.windows)]  # fmt: skip
    with_it, without = (median(filter(None, took[side])) for side in (True, False))
    plain.add(without)
    ratio.add(with_it / without)
    ratio.details = {"with_ms": took[True], "without_ms": took[False]}
    return [plain, ratio]
