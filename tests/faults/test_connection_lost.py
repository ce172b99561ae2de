"""The connection comes late, breaks, or breaks at the worst of moments (F01 to F06, F08, F09, F12)."""

import time

import pytest
from harm import cut, cut_within, first, forward, half_close, has_entries, then
from harness.signals import signal as entry
from harness.waiting import FULL, SLOWNESS, soon
from proxy import COMMAND, FIN, REPLY, RST
from stage import PATIENT

ENDS = pytest.mark.parametrize("how", [FIN, RST])


def test_f01_port_opens_late(stage):
    proxy = stage.proxy()
    proxy.shut()
    router = stage.start("a", proxy, *PATIENT)
    router.expect(r"REDIS_LOST .*refused.* retry_ms=\d+")
    time.sleep(5 if FULL else 0.7)
    proxy.listen()
    router.expect(r"REDIS_BACK after_ms=\d+$", seconds=soon(2))
    router.expect_count("REDIS_LOST", 1)
    stage.works()


@pytest.mark.parametrize("busy", [False, True])
def test_f02_reset(stage, busy):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    make = lambda n: entry(f"COIN{n}", correlation_id=f"flow-{n}")  # noqa: E731
    with stage.feed(make, pause_sec=0.001 if busy else 3600):
        for _ in range(3):
            router.forget()
            began = time.monotonic()
            assert proxy.cut_all(RST) == 2
            router.expect("REDIS_LOST")
            assert time.monotonic() - began < soon(1)
            router.expect("REDIS_BACK")
    stage.works()


def test_f03_end_within_a_reply_at_every_byte(stage, chance):
    proxy = stage.proxy()
    stage.lead("a", proxy)
    whole = proxy.on("read new", REPLY, forward, only=has_entries)
    stage.works()
    length = len(whole.steps[0].frame)
    step = 1 if FULL else 20
    for offset in range(chance.randrange(step), length, step):
        fault = proxy.on("read new", REPLY, cut_within(offset), only=has_entries)
        uids = stage.write()
        fault.await_it(context=stage.told)
        stage.expect_published(uids[0])
        stage.expect_drained()
    assert len(proxy.faults) > length // step


def test_f04_reply_with_entries_is_lost(stage):
    proxy = stage.proxy()
    router = stage.lead("a", proxy, *PATIENT)
    fault = proxy.on("read new", REPLY, cut(), only=has_entries)
    uids = stage.write(0.95, 0.95, 0.95, 0.5)
    fault.await_it()
    stage.expect_drained()
    assert stage.published()[-3:] == uids[:3]
    router.expect_count("REDIS_LOST", 1)


def test_f05_commit_ran_and_its_reply_is_lost(stage):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    lost = proxy.on("commit", REPLY, cut())
    [uid] = stage.write()
    lost.await_it()
    router.expect(r"COMMIT_SETTLED cycle=\S+ ran=yes")
    stage.works()
    assert stage.published().count(uid) == 1
    assert b"done" in lost.steps[0].frame


@pytest.mark.parametrize("part", [0, 1, 17, -1])
def test_f06_commit_never_arrives(stage, part):
    """None of it, or not all of it."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    lost = proxy.on("commit", COMMAND, cut_within(part))
    [uid] = stage.write()
    lost.await_it()
    router.expect(r"COMMIT_SETTLED cycle=\S+ ran=no")
    stage.works()
    assert stage.published().count(uid) == 1


@pytest.mark.parametrize("side, ran", [(REPLY, "yes"), (COMMAND, "no")])
def test_f05_others_have_committed_since(stage, side, ran):
    """The last commit says nothing of it by then; its record does, or another's in its place."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy, "--redis.backoff_min_ms=3000", "--redis.backoff_max_ms=3000")
    lost = proxy.on("commit", side, cut())
    [uid] = stage.write()
    lost.await_it()
    other = stage.start("b")
    other.expect("LEADER_ACQUIRED")
    for _ in range(3):
        stage.works()
    router.expect("STANDBY leader=b")
    other.close()
    router.expect(rf"COMMIT_SETTLED cycle=\S+ ran={ran}")
    stage.works()
    assert stage.published().count(uid) == 1


@ENDS
def test_f08_server_stands_still_with_a_commit_and_the_client_leaves(tcp_stage, how):
    stage = tcp_stage
    proxy = stage.proxy()
    router = stage.lead("a", proxy)

    async def leave(step):
        stage.redis.freeze()
        await step.forward()
        step.cut(how)

    fault = proxy.on("commit", COMMAND, leave)
    [uid] = stage.write()
    fault.await_it()
    router.expect("REDIS_LOST")
    stage.redis.thaw()
    router.expect(r"COMMIT_SETTLED cycle=\S+ ran=(yes|no)")
    stage.works()
    assert stage.published().count(uid) == 1


def test_f09_writes_are_paused_and_the_client_gives_up(stage):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    pause = lambda: stage.db.execute_command("CLIENT", "PAUSE", "60000", "WRITE")  # noqa: E731
    fault = proxy.on("commit", COMMAND, first(pause, forward))
    [uid] = stage.write()
    fault.await_it()
    router.expect("REDIS_LOST .*did not answer in time")
    stage.db.execute_command("CLIENT", "UNPAUSE")
    router.expect(r"COMMIT_SETTLED cycle=\S+ ran=(yes|no)")
    stage.works()
    assert stage.published().count(uid) == 1


@pytest.mark.parametrize("side", [COMMAND, REPLY])
def test_f12_one_direction_freezes(stage, side):
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    freeze = lambda: proxy.freeze(side)  # noqa: E731
    fault = proxy.on("commit", side, then(forward, freeze))
    [uid] = stage.write()
    fault.await_it()
    router.expect("REDIS_LOST .*did not answer in time")
    commits = proxy.passed[COMMAND, "commit"]
    time.sleep(30 if FULL else 1.2 * SLOWNESS)
    assert proxy.passed[COMMAND, "commit"] == commits
    router.expect_count("REDIS_LOST", 1)
    proxy.thaw()
    router.expect("REDIS_BACK")
    stage.works()
    assert stage.published().count(uid) == 1


def test_half_close(stage):
    """Redis would still listen, but says no more."""
    proxy = stage.proxy()
    router = stage.lead("a", proxy)
    fault = proxy.on("snapshot", REPLY, half_close)
    fault.await_it()
    router.expect("REDIS_LOST")
    stage.works()
