"""The connection is cut after every byte of a whole cycle's traffic: both connections, both directions (F03 to F06)."""

import pytest
from harness.waiting import FULL
from lane import Lane, check_lanes, side_by_side
from proxy import COMMAND, REPLY
from torture import cut_at, traffic

STEP = 1 if FULL else 20
LANES = 4


@pytest.mark.parametrize("side", [COMMAND, REPLY])
@pytest.mark.parametrize("who", ["reader", "decider"])
def test_torture_cut_after_every_byte(lane_stage, chance, who, side):
    lanes = [Lane(lane_stage, number, chance) for number in range(LANES)]
    for lane in lanes:
        lane.start()
    length = traffic(lanes[0], who, side)
    offsets = range(chance.randrange(STEP), length, STEP)

    def work(lane):
        traffic(lane, who, side)
        for offset in offsets[lanes.index(lane) :: LANES]:
            cut_at(lane, who, side, offset)
        lane.stop()

    side_by_side(lanes, work)
    commits = check_lanes(lane_stage, lanes)
    cuts = sum(lane.written for lane in lanes) - LANES - 1
    assert cuts == len(offsets) and commits >= cuts
    print(f"torture: {cuts} cuts at the {length} bytes of {who}'s {side}, {commits} commits")
