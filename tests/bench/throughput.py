"""How fast a backlog is worked off, against the floor: in turn, on the same stream."""

from row import at_least, at_most
from stage import FOREVER, HELD_MAX, Stage


def turn(stage, consumer, entries, held=HELD_MAX):
    stage.rewind()
    with consumer as child:
        return stage.watch(child, entries, held)


def versus_floor(programs, entries, rounds, stale, fill, each):
    """Calls each(router, floor) with what both were measured at, round by round."""
    with Stage(programs) as stage:
        stage.fill(entries, stale=stale, **fill)
        age = {} if stale else FOREVER
        for _ in range(rounds):
            floor = turn(stage, stage.floor(), entries, held=0)
            router = turn(stage, stage.router(**age), entries)
            each(router, floor)


def fresh(programs, size):
    ratio = at_least("fresh", "throughput, fresh backlog / floor", 1.15)
    busy = at_least("busy", "Redis busy meanwhile", 0.88, "")
    cost = at_most("cost", "router CPU / Redis CPU, per signal", 0.80)

    def each(router, floor):
        redis_cpu, router_cpu = router["cpu"]
        ratio.add(router["rate"] / floor["rate"])
        busy.add(redis_cpu / router["seconds"])
        cost.add(router_cpu / redis_cpu)
        note(ratio, router, floor)

    versus_floor(programs, size.entries, size.rounds, False, {}, each)
    return [ratio, busy, cost]


def stale(programs, size):
    ratio = at_least("stale", "throughput, stale backlog / floor", 1.25)

    def each(router, floor):
        ratio.add(router["rate"] / floor["rate"])
        note(ratio, router, floor)

    versus_floor(programs, size.entries, size.rounds, True, {}, each)
    return [ratio]


def note(row, router, floor):
    redis_cpu, router_cpu = router["cpu"]
    figures = {
        "router_per_sec": router["rate"],
        "floor_per_sec": floor["rate"],
        "router_us": 1e6 * router_cpu / router["settled"],
        "redis_us": 1e6 * redis_cpu / router["settled"],
        "redis_us_floor": 1e6 * floor["cpu"][0] / floor["settled"],
    }
    for name, value in figures.items():
        row.details.setdefault(name, []).append(round(value, 3))
