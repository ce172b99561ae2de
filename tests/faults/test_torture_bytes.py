"""The connection is cut after every byte of a whole cycle's traffic: both connections, both directions (F03 to F06)."""

import pytest
from harness.waiting import FULL, wait_until
from lane import Lane, check_lanes, side_by_side
from proxy import COMMAND, FIN, REPLY, RST

STEP = 1 if FULL else 20
LANES = 4


def traffic(lane, who, side):
    """How much of it there is from the connection's start to the end of a cycle with all kinds of commands."""
    lane.write()
    lane.expect_settled("the start")
    lane.proxy.awaits("renew")
    [count] = [c.sent[side] for c in list(lane.proxy.alive) if c.who == who]
    return count


def cut_at(lane, who, side, offset):
    """A new session, cut there, whatever it was doing; the next one makes all good."""
    limit = lane.proxy.limit(who, side, offset, FIN if offset % 2 else RST)
    lane.proxy.cut_all()
    lane.write()
    wait_until(f"byte {offset} of {who}'s {side}", limit.reached.is_set, 20, lane.told)
    lane.expect_settled(f"a cut at byte {offset} of {who}'s {side}")


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
