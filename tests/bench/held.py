"""What a decision of ten candidates costs, by how much is held: nothing, ten symbols, as many as are looked at."""

from itertools import cycle, islice
from statistics import median

from decision import driver, took_ms
from harness.names import HELD, OPEN_ORDERS
from row import at_most, only_told
from stage import Stage

CANDIDATES = 10
AMOUNTS = (0, 10, 10000)
WINDOW_SEC = 0.3
ROOM = {"MAX_OPEN_ORDERS": "1000000", "TARGET_OPEN_ORDERS": "1000000"}


def prepared(number):
    """A hash that is copied from."""
    return f"held:{number}"


def write_holdings(db):
    """Of symbols that no signal names."""
    for number in AMOUNTS[1:]:
        names = (f"X{index * 7919 % 1000003}USDT" for index in range(number))
        db.hset(prepared(number), mapping={name: "SELL" if index % 3 else "BUY" for index, name in enumerate(names)})


def hold(stage, number):
    """Another hash for each window, as where somebody trades."""
    with stage.db.pipeline() as pipe:
        pipe.set(OPEN_ORDERS, number)
        pipe.delete(HELD)
        if number:
            pipe.copy(prepared(number), HELD, replace=True)
        pipe.execute()


def one_window(stage, next_decision, turn, number):
    hold(stage, number)
    stage.fill(CANDIDATES, first=turn * CANDIDATES, passing=1000, symbols=1000)
    return took_ms(next_decision, CANDIDATES)


def held(programs, size):
    """In turn, so that each meets the same machine."""
    none = only_told("held", "10 candidates, nothing held: awake → commit answered, p50", "ms")
    few = at_most("held", "the same, 10 symbols held / nothing held", 1.05)
    many = at_most("held", "the same, 10,000 symbols held, p50", 5, "ms")
    took = {number: [] for number in AMOUNTS}
    with Stage(programs) as stage:
        stage.rewind()
        write_holdings(stage.db)
        with driver(stage, CANDIDATE_WINDOW_SEC=str(WINDOW_SEC), **ROOM) as next_decision:
            next_decision()
            for turn, number in enumerate(islice(cycle(AMOUNTS), size.windows * 2 * len(AMOUNTS))):
                took[number].append(one_window(stage, next_decision, turn, number))
    nothing, ten, most = (median(filter(None, took[number])) for number in AMOUNTS)
    none.add(nothing)
    few.add(ten / nothing)
    many.add(most)
    many.details = {"took_ms": took}
    return [none, few, many]
