"""What the record of a decision costs: the same router decides with it and without it, in turn.

Two of four windows are recorded, the first and the last, so that what drifts falls on both sides; a figure is the median of
such fours, each held against itself. What two equal sides are apart is told beside it. The stream is full, as after some days.
"""

from statistics import median

from decision import driver
from harness.names import DECISIONS, SETTINGS, SIGNALS
from row import at_most, only_told
from stage import Stage

CANDIDATES = 10
CROWD = 4000
FOURS = 4  # for each window that others time once
ROOM = {"MAX_OPEN_ORDERS": "1000000", "TARGET_OPEN_ORDERS": "1000000"}
IN_TURN = ["--record-in-turn", "--record.max_mib=1"]
SLOW_US = 100


def write_signals(db, turn):
    """With a few decimals, as engines write them; all at one moment."""
    with db.pipeline() as pipe:
        for number in range(CANDIDATES):
            confidence = 0.75 + (turn * CANDIDATES + number) * 7919 % 2400 / 10000
            fields = {"symbol": f"COIN{number}USDT", "side": "BUY", "confidence": f"{confidence:.4f}", "position_size_usd": 150,
                      "leverage": 3, "rl_gate_pass": "true", "regime": "bull" if number % 2 else ""}  # fmt: skip
            pipe.xadd(SIGNALS, fields, maxlen=10000)
        pipe.execute()


def decided(next_decision, candidates):
    decision = next_decision()
    while decision.candidates == 0:
        decision = next_decision()
    if decision.candidates != candidates:
        raise RuntimeError("too much else runs here: signals do not come into one window")
    return decision


def fill_records(stage):
    stage.run("bench-records", stage.redis.port, DECISIONS, SETTINGS, 3000, CANDIDATES, 1)


def one_four(stage, next_decision, turn):
    """Four windows; their decisions, of which the first and the last are recorded."""
    four = []
    for window in range(4):
        write_signals(stage.db, 4 * turn + window)
        four.append(decided(next_decision, CANDIDATES))
    if [decision.is_recorded for decision in four] != [1, 0, 0, 1]:
        raise RuntimeError("the records do not come in turn")
    return four


def against_itself(fours, measure):
    return median((measure(a) + measure(d)) / (measure(b) + measure(c)) for a, b, c, d in fours)


def apart(fours, measure):
    """Each four's windows without a record against those of the next."""
    sides = [measure(b) + measure(c) for _, b, c, _ in fours]
    return median(one / other for one, other in zip(sides, sides[1:], strict=False))


def wall(decision):
    return decision.done_ns - decision.woke_ns


def processor(decision):
    return decision.router_ns + decision.redis_ns


def ten(programs, size):
    plain = only_told("record", f"{CANDIDATES} candidates, no record: awake → commit answered, p50", "ms")
    with_it = at_most("record", "the same, with its record / without", 1.05)
    noise = only_told("record", "the same, without / without")
    cpu = only_told("record", "with its record / without, CPU of router and Redis")
    with Stage(programs) as stage:
        stage.rewind()
        fill_records(stage)
        with driver(stage, *IN_TURN, CANDIDATE_WINDOW_SEC="0.15", **ROOM) as next_decision:
            one_four(stage, next_decision, 0)  # trims what is too much
            fours = [one_four(stage, next_decision, turn) for turn in range(1, FOURS * size.windows + 1)]
    plain.add(median(wall(decision) / 1e6 for four in fours for decision in four[1:3]))
    with_it.add(against_itself(fours, wall))
    noise.add(apart(fours, wall))
    cpu.add(against_itself(fours, processor))
    with_it.details = {"took_ns": [[wall(decision) for decision in four] for four in fours],
                       "cpu_ns": [[processor(decision) for decision in four] for four in fours]}  # fmt: skip
    return [plain, with_it, noise, cpu]


def longest_ms(db):
    return max((entry["duration"] for entry in db.slowlog_get(1000)), default=SLOW_US) / 1000


def one_crowd(stage, next_decision, number, took):
    stage.db.slowlog_reset()
    stage.fill(CROWD, first=number * CROWD, passing=1000, symbols=1000)
    decision = decided(next_decision, CROWD)
    if decision.is_recorded:
        took.append(longest_ms(stage.db))
    return decision


def crowded(programs, size):
    """The longest record that there is. A command that is put aside for others looks longer: the least is what it takes."""
    longest = at_most("record", f"{CROWD:,} candidates, with their record: the longest command of Redis", 5, "ms")
    cpu = only_told("record", "the same, with its record / without, CPU of Redis")
    fours, took = [], []
    with Stage(programs) as stage:
        stage.rewind()
        with driver(stage, *IN_TURN, CANDIDATE_WINDOW_SEC="1", **ROOM) as next_decision:
            stage.db.config_set("slowlog-log-slower-than", SLOW_US)
            for number in range(0, 2 * size.windows, 4):
                fours.append([one_crowd(stage, next_decision, number + window, took) for window in range(4)])
    longest.add(min(took))
    cpu.add(against_itself(fours, lambda decision: decision.redis_ns))
    longest.details = {"took_ms": took, "redis_ns": [[decision.redis_ns for decision in four] for four in fours]}
    return [longest, cpu]


def record(programs, size):
    return ten(programs, size) + crowded(programs, size)
