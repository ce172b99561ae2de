"""The paper executor is cut off after every byte, and dies at every step of an intent's whole way (F03 to F06, F72)."""

import signal as signals
import time

import pytest
from executor_lane import ExecutorLane, check_executor_lanes
from harm import chop, cut, cut_after, cut_within, delay, swallow
from harness.waiting import FULL, SLOWNESS, wait_until
from lane import side_by_side
from proxy import COMMAND, FIN, REPLY, RST
from torture import PHASES, cut_at, strike, traffic

LANES = 4
CUTS = 16  # of CI, on each side of each connection
KILLS = 10000 if FULL else 48
CHECK_EVERY = 6
START = ("client setname", "info", "ping")
SCRIPTS = ("hold", "look", "begin", "open", "close", "decline", "paper_exit")
WAY = [
    *(("reader", name) for name in ("read pending", "read new")),
    *(("worker", name) for name in ("arrive", *SCRIPTS, "hgetall", "mget", "ack")),
]
REST = [
    *(("reader", name) for name in START),
    *(("worker", name) for name in START),
    *(("worker", "load " + name) for name in ("arrive", *SCRIPTS)),
]


def play_on(stage, chance, work):
    """Lanes that have started and settled once; each works, and the books are checked."""
    lanes = [ExecutorLane(stage, number, chance) for number in range(LANES)]

    def begin(lane):
        lane.start()
        lane.write()
        lane.expect_settled("the start")
        lane.stop()
        work(lane, lanes.index(lane))

    side_by_side(lanes, begin)
    return lanes, check_executor_lanes(stage, lanes)


@pytest.mark.parametrize("side", [COMMAND, REPLY])
@pytest.mark.parametrize("who", ["reader", "worker"])
def test_executor_cut_after_every_byte(lane_stage, chance, who, side):
    """In CI half of the offsets are of the start, half of what follows it."""
    done = []

    def work(lane, at):
        lane.start()
        lane.expect_settled("another start")
        lane.proxy.awaits(lane.LAST)
        [start] = [c.sent[side] for c in list(lane.proxy.alive) if c.who == who]
        length = traffic(lane, who, side)
        offsets = list(range(length))[at::LANES] if FULL else [
            *(chance.randrange(start) for _ in range(CUTS // LANES // 2)),
            *(chance.randrange(start, length) for _ in range(CUTS // LANES // 2)),
        ]  # fmt: skip
        for offset in offsets:
            cut_at(lane, who, side, offset)
        done.extend(offsets)
        lane.stop()

    lanes, opened = play_on(lane_stage, chance, work)
    assert len(done) >= CUTS and opened == 2 * (len(done) + 2 * LANES)
    print(f"torture: {len(done)} cuts of {who}'s {side}, {opened} positions")


@pytest.mark.parametrize("number", [signals.SIGKILL, signals.SIGTERM])
def test_f72_every_step_is_the_last(lane_stage, chance, number):
    """Killed it leaves all to the next one; told to stop it ends in order."""
    points = [(*step, phase) for step in WAY for phase in PHASES]
    rest = [(*step, phase) for step in REST for phase in PHASES]
    if FULL:
        points = (points + rest) * 5
    elif number == signals.SIGKILL:
        points += chance.sample(rest, 6)
    else:
        points = chance.sample(points, 16) + chance.sample(rest, 4)
    chance.shuffle(points)

    def work(lane, at):
        for who, name, phase in points[at::LANES]:
            strike(lane, who, name, phase, number)

    lanes, opened = play_on(lane_stage, chance, work)
    assert opened == 2 * (len(points) + LANES)
    print(f"torture: {len(points)} ends by signal {number:d}, {opened} positions")


def live_and_die(lane, faults):
    """Under faults of all kinds, until the kill comes at any instant; for some on the way to Redis."""
    chance, met = lane.chance, lane.proxy.conversations
    for _ in range(3):
        how = chance.choice([FIN, RST])
        act = chance.choice([cut(how), cut_after(how), cut_within(chance.randrange(1, 99), how), delay(0.05), chop, swallow])
        name = chance.choice([name for _, name in WAY])
        faults.append(lane.proxy.on(name, chance.choice([COMMAND, REPLY]), act, skip=chance.randrange(3)))
    executor = lane.start()
    if chance.random() < 0.8:
        wait_until("it to reach Redis", lambda: lane.proxy.conversations > met)
    ends = time.monotonic() + chance.uniform(0.05, 0.4) * SLOWNESS
    while (left := ends - time.monotonic()) > 0:
        if chance.random() < 0.3:
            lane.write()
        time.sleep(min(left, chance.uniform(0, 0.03)))
        lane.check_count()
    executor.kill()
    lane.stop()
    lane.proxy.heal()


def test_f72_killed_at_random_instants_under_faults(lane_stage, chance):
    faults = []

    def work(lane, _):
        kills = KILLS // LANES
        for number in range(kills):
            live_and_die(lane, faults)
            if number % CHECK_EVERY == CHECK_EVERY - 1 or number == kills - 1:
                lane.start()
                lane.expect_settled(f"{number + 1} kills")
                lane.stop()

    lanes, opened = play_on(lane_stage, chance, work)
    happened = sum(fault.happened for fault in faults)
    assert happened > KILLS // 4 and opened > KILLS / 2
    print(f"kill loop: {KILLS} kills, {happened} faults, {opened} positions")
