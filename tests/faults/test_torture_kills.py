"""The router dies at every step of connection start and commit, before, within and after it (F44, F48, F54)."""

import asyncio
import os
import signal as signals

import pytest
from harness.waiting import FULL
from lane import Lane, check_lanes, side_by_side
from proxy import COMMAND
from torture import PHASES, deadly, side_of, strike

LANES = 4
ROUNDS = 20 if FULL else 1
START = ("client setname", "info", "ping")
READER = (*START, "read pending", "read new")
LOADS = ("load snapshot", "load commit", "load renew", "load release", "load take", "load ack")
DECIDER = (*START, "xgroup create", *LOADS, "take", "snapshot", "commit", "renew", "xack", "ack")
STEPS = [("reader", name) for name in READER] + [("decider", name) for name in DECIDER]
POINTS = [(who, name, phase) for who, name in STEPS for phase in PHASES]


def run(stage, chance, number, points):
    lanes = [Lane(stage, index, chance) for index in range(LANES)]

    def work(lane):
        lane.start()
        lane.write()
        lane.expect_settled("the start")
        lane.stop()
        for who, name, phase in points[lanes.index(lane) :: LANES]:
            strike(lane, who, name, phase, number)

    side_by_side(lanes, work)
    check_lanes(stage, lanes)
    ends = sum(lane.written - 1 for lane in lanes)
    assert ends == len(points)
    print(f"torture: {ends} ends by signal {number:d}")


@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("number", [signals.SIGKILL, signals.SIGTERM])
def test_f44_f54_every_step_is_the_last(lane_stage, chance, number, half):
    """Killed it leaves all to the next one; told to stop it ends in order."""
    points = POINTS * (ROUNDS if number == signals.SIGKILL else 1)
    chance.shuffle(points)
    run(lane_stage, chance, number, points[half::2])


def takeover(stage, chance, who, name, phase):
    proxy = stage.proxies[0]
    first = stage.start("a", proxy)
    first.expect("LEADER_ACQUIRED")
    second = stage.start("b")
    second.expect("STANDBY leader=a")
    act = deadly(chance, phase, signals.SIGKILL, lambda: first.process)
    fault = proxy.on(name, side_of(phase), act, who=who)
    [uid] = stage.write()
    fault.await_it(context=stage.told)
    first.process.wait(20)
    first.killed = True
    proxy.heal()
    second.expect("LEADER_ACQUIRED instance=b")
    stage.expect_published(uid)
    stage.works()
    second.terminate()


def test_f44_standby_takes_over_from_every_step(stage, chance):
    stage.proxy()
    live = [(w, n, p) for w, n, p in POINTS if n in ("read new", "snapshot", "commit", "renew")]
    for who, name, phase in live * 8 if FULL else chance.sample(live, 5):
        takeover(stage, chance, who, name, phase)


def test_f54_second_sigterm_while_a_commit_is_on_its_way(stage):
    """The first waits for the commit, the second does not; the next router settles what became of it."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)

    async def twice(step):
        for _ in range(2):
            os.kill(router.process.pid, signals.SIGTERM)
            await asyncio.sleep(0.2)
        await step.forward()

    fault = proxy.on("commit", COMMAND, twice)
    [uid] = stage.write()
    fault.await_it(context=stage.told)
    assert router.process.wait(2) == -signals.SIGTERM
    router.killed = True
    stage.lead("a")
    assert stage.published().count(uid) == 1
