"""kill -9 at random instants, thousands of times: nothing lost, nothing twice (F44)."""

import os
import time

import pytest
from harness.waiting import FULL, SLOWNESS
from lane import Lane, check_lanes, side_by_side

KILLS = int(os.environ.get("QUANTUM_KILLS") or (10000 if FULL else 160))
LANES = 4
PARTS = 2
# Within so many seconds a router has started, recovered, and committed a few times.
LIFE_SEC = 0.25
CHECK_EVERY = 25


def live_and_die(lane):
    """A time and not an event: the instant is meant to be anywhere."""
    router = lane.start()
    ends = time.monotonic() + lane.chance.uniform(0, LIFE_SEC) * SLOWNESS
    while (left := ends - time.monotonic()) > 0:
        if lane.chance.random() < 0.5:
            lane.write()
        time.sleep(min(left, lane.chance.uniform(0, 0.03)))
    router.kill()
    lane.stop()


@pytest.mark.parametrize("part", range(PARTS))
def test_f44_killed_at_random_instants(lane_stage, chance, part):
    lanes = [Lane(lane_stage, number, chance, proxied=False) for number in range(LANES)]
    kills = KILLS // PARTS // LANES

    def work(lane):
        lane.write()
        for number in range(kills):
            live_and_die(lane)
            if number % CHECK_EVERY == CHECK_EVERY - 1 or number == kills - 1:
                lane.start()
                lane.expect_settled(f"{number + 1} kills")
                lane.stop()

    side_by_side(lanes, work)
    commits = check_lanes(lane_stage, lanes)
    assert commits > kills * LANES / 10, "they died before they did anything"
    written = sum(lane.written for lane in lanes)
    print(f"kill loop: {kills * LANES} kills, {written} published once, {commits} commits")
