"""What a torture does to a lane: an end at every step, a cut after every byte."""

import asyncio
import os
import signal as signals

from harness.waiting import PATIENCE_SEC, wait_until
from proxy import COMMAND, FIN, REPLY, RST

PHASES = (
    "it arrived",
    "a part was forwarded",
    "it was forwarded",
    "its reply arrived",
    "a part of its reply was forwarded",
    "its reply was forwarded",
)


def deadly(chance, phase, number, process):
    """The act for the proxy: the signal comes at exactly this moment, as far as its side can tell."""

    async def act(step):
        size = chance.randrange(1, len(step.frame)) if "part" in phase else len(step.frame)
        if "arrived" not in phase:
            await step.forward(step.frame[:size])
        if phase == "its reply was forwarded":
            await asyncio.sleep(chance.choice([0, 0.0005, 0.002]))
        while not process():  # it was quicker than who started it
            await asyncio.sleep(0.001)
        os.kill(process().pid, number)
        if number == signals.SIGKILL:
            step.cut()
        elif "arrived" in phase:
            await step.forward()
        elif "part" in phase:
            await step.forward(step.frame[size:])

    return act


def side_of(phase):
    return REPLY if "reply" in phase else COMMAND


def strike(lane, who, name, phase, number):
    """One that meets its end there, and one that takes up what it left."""
    lane.service = None  # or the signal might be for the one before, if something of it is still on its way
    act = deadly(lane.chance, phase, number, lambda: lane.service and lane.service.process)
    before = lane.proxy.conversations  # what the last one left on the wire is not meant
    new = lambda step: step.conversation.number > before  # noqa: E731
    fault = lane.proxy.on(name, side_of(phase), act, who=who, only=new)
    lane.write(name)
    service = lane.start()
    wait_until(f"{who}'s {name}: {phase}", lambda: fault.happened, None, lane.told)
    ended = service.process.wait(PATIENCE_SEC)
    service.killed = service.told_to_stop = True
    assert ended == (-number if number == signals.SIGKILL else 0), service.tail()
    lane.stop()
    lane.proxy.heal()
    lane.start()
    lane.expect_settled(f"the end at {who}'s {name}: {phase}")
    lane.stop()


def traffic(lane, who, side):
    """How much of it there is from the connection's start to the end of a cycle with all kinds of commands."""
    lane.write()
    lane.expect_settled("the start")
    lane.proxy.awaits(lane.LAST)
    [count] = [c.sent[side] for c in list(lane.proxy.alive) if c.who == who]
    return count


def cut_at(lane, who, side, offset):
    """A new session, cut there, whatever it was doing; the next one makes all good."""
    limit = lane.proxy.limit(who, side, offset, FIN if offset % 2 else RST)
    lane.proxy.cut_all()
    lane.write()
    wait_until(f"byte {offset} of {who}'s {side}", limit.reached.is_set, 20, lane.told)
    lane.expect_settled(f"a cut at byte {offset} of {who}'s {side}")
