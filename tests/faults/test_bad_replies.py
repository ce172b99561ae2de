"""Replies that come in crumbs, late, twice, or are none (F13 to F15)."""

import asyncio
import resource
import time

import pytest
from harm import chop, forward, has_entries, inject, replace
from harness.signals import signal as entry
from harness.waiting import FULL, soon, wait_until
from proxy import COMMAND, FIN, REPLY, RST

PAGE_MIB = resource.getpagesize() / (1 << 20)
TICKS_A_SEC = 100


def cpu_sec(process):
    with open(f"/proc/{process.pid}/stat") as file:
        user, system = file.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / TICKS_A_SEC


def resident_mib(process):
    with open(f"/proc/{process.pid}/statm") as file:
        return int(file.read().split()[1]) * PAGE_MIB


def trickle(chance, cut_share, late_sec):
    """Most pass in single bytes, some late, some with the end of the connection in their midst."""

    async def act(step):
        if chance.random() < cut_share:
            await step.forward(step.frame[: chance.randrange(len(step.frame))])
            step.cut(chance.choice([FIN, RST]))
            return
        await asyncio.sleep(chance.choice([0, 0, 0, late_sec]))
        await (chop if len(step.frame) < 1000 else forward)(step)

    return act


def test_f13_crumbs_delays_and_cuts(stage, chance):
    """In ten minutes of it hardly a commit comes through; what waits must not get too old meanwhile."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy, SIGNAL_MAX_AGE_SEC="3600")
    act = trickle(chance, *((0.1, 0.2) if FULL else (0.02, 0.02)))
    faults = [proxy.on("*", side, act, times=1 << 40) for side in (COMMAND, REPLY)]
    make = lambda n: entry(f"COIN{n}", "BUY", chance.choice([0.5, 0.95]), correlation_id=f"flow-{n}")  # noqa: E731
    began, spent = time.monotonic(), cpu_sec(router.process)
    long_enough = lambda: time.monotonic() - began > (600 if FULL else 4)  # noqa: E731
    happened = lambda: all(fault.happened > 100 for fault in faults) and proxy.conversations > 10  # noqa: E731
    with stage.feed(make, pause_sec=0.02, hold=lambda: stage.backlog() > 500):
        wait_until("enough of it", lambda: long_enough() and happened(), 700)
    busy = (cpu_sec(router.process) - spent) / (time.monotonic() - began)
    proxy.heal()
    stage.works()
    assert busy < 0.5, f"it spun: {busy:.0%} of a core"


@pytest.mark.parametrize("name", ["renew", "snapshot", "commit", "take", "xack"])
def test_f14_reply_that_nobody_asked_for(stage, name):
    """The connection ends, where it came between two questions; else the replies no longer fit their questions."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    fault = proxy.on(name, REPLY, inject(b"+OK\r\n"))
    if name == "take":
        proxy.cut_all()
    uids = stage.write(0.95, 0.5)
    fault.await_it(context=stage.told)

    lost = lambda: router.count("REDIS_LOST|LEADER_LOST") > (name == "take")  # noqa: E731
    wait_until("a new connection", lost, context=router.tail)
    stage.works()
    assert router.process.poll() is None
    assert stage.published().count(uids[0]) == 1


NESTED = b"*1\r\n" * 9 + b":1\r\n"
NONSENSE = {
    "huge bulk": b"$9223372036854775806\r\n",
    "huge array": b"*2147483647\r\n",
    "deep": NESTED,
    "negative bulk": b"$-2\r\n",
    "negative array": b"*-2\r\n",
    "map": b"%1\r\n+a\r\n+b\r\n",
    "null": b"_\r\n",
    "double": b",1.5\r\n",
    "big number": b"(3492890328409238509324850943850943825024385\r\n",
    "text": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "nothing": b"\r\n",
    "zeros": b"\0" * 64,
}


@pytest.mark.parametrize("name", ["read new", "snapshot", "commit"])
@pytest.mark.parametrize("what", NONSENSE)
def test_f15_reply_that_is_none(stage, name, what):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    before_mib = resident_mib(router.process)
    wanted = has_entries if name == "read new" else lambda step: True
    fault = proxy.on(name, REPLY, replace(NONSENSE[what]), only=wanted)
    [uid] = stage.write()
    fault.await_it(context=stage.told)
    router.expect("REDIS_LOST|LEADER_LOST")
    stage.works()
    assert stage.published().count(uid) == 1
    assert resident_mib(router.process) < before_mib + 50
    router.expect_count("REDIS_LOST|LEADER_LOST", 1)
