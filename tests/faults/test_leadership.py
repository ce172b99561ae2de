"""Two routers, and one that has lost its place and does not know it (F48, F49, F55)."""

import os
import signal as signals

import pytest
from harm import Hold, cut
from harness.names import CONSUMER, GROUP, LEADER, SIGNALS
from harness.process import clean_environment, kill_hard, program, spawn
from harness.waiting import PATIENCE_SEC, wait_until
from proxy import COMMAND, REPLY


def test_f48_two_start_at_once(stage):
    """One leads, the other stands by; nobody renews what is not his."""
    for number in range(3):
        stage.db.delete(LEADER)
        pair = [stage.start(f"a{number}"), stage.start(f"b{number}")]
        wait_until(
            "one to lead and one to stand by",
            lambda pair=pair: sorted(r.count("LEADER_ACQUIRED") + 2 * r.count("STANDBY") for r in pair) == [1, 2],
            context=stage.told,
        )
        stage.works()
        assert sum(router.count("LEADER_LOST") for router in pair) == 0
        for router in pair:
            router.terminate()


@pytest.mark.parametrize("others", [False, True])
def test_f48_answer_to_taking_the_lease_is_lost(stage, others):
    """Redis has written it down, and the holder does not know: it takes it again, or waits until it runs out."""
    proxy = stage.proxy()
    lost = proxy.on("take", REPLY, cut(), times=3)
    router = stage.start("a", proxy)
    if others:
        lost.await_it(context=stage.told)
        stage.start("b")
    lost.await_it(1 if others else 3, context=stage.told)
    proxy.heal()
    stage.works()
    assert router.process.poll() is None


def test_f49_read_of_a_deposed_leader_arrives_late(stage):
    """What it is given then is pending for the common name, and claimed from there."""
    proxy = stage.proxy()
    zombie = stage.lead("a", proxy)
    hold = Hold()
    late = proxy.on("read new", COMMAND, hold)
    wait_until("a read to hold", hold.held.is_set)
    zombie.process.send_signal(signals.SIGSTOP)
    second = stage.start("b")
    second.expect("LEADER_ACQUIRED")
    stage.works()
    second.process.send_signal(signals.SIGSTOP)
    [uid] = stage.write()
    hold.release()
    late.await_it()
    wait_until("the entry to be given to the zombie", lambda: stage.pending() == 1)
    second.process.send_signal(signals.SIGCONT)
    zombie.kill()
    stage.expect_published(uid)
    stage.expect_drained()
    [consumer] = stage.db.xinfo_consumers(SIGNALS, GROUP)
    assert consumer["name"] == CONSUMER and stage.published().count(uid) == 1


def start_with_log(stage, log):
    usual = {"REDIS_URL": stage.redis.url, "CANDIDATE_WINDOW_SEC": "0.06", "METRICS_LISTEN": ""}
    env = clean_environment({**usual, **stage.env})
    file = stage.folder / "own.conf"
    file.write_text("")
    return spawn([*program("quantum-router"), "--config", file, *stage.quick("a")], log, log, env)


@pytest.mark.parametrize("what", ["nobody reads", "the disk is full", "closed by its reader"])
def test_f55_log_goes_nowhere(stage, what):
    """It trades on, whatever becomes of its words."""
    reader, writer = os.pipe()
    if what == "the disk is full":
        os.close(writer)
        writer = os.open("/dev/full", os.O_WRONLY)
    process = start_with_log(stage, writer)
    os.close(writer)
    if what == "closed by its reader":
        os.close(reader)
    try:
        for _ in range(30):
            stage.write(*[0.95] * 20)
            stage.expect_drained()
        if what == "nobody reads":
            assert len(os.read(reader, 1 << 20)) > 60000, "the pipe was not full"
        assert process.poll() is None and len(stage.published()) == 600
        process.send_signal(signals.SIGTERM)
        assert process.wait(PATIENCE_SEC) == 0
    finally:
        kill_hard(process)
        if what != "closed by its reader":
            os.close(reader)


def test_a_stop_before_it_reads_stays_a_stop(stage):
    """SIGTERM between the lease and the first read: what was asked before still answers, and nothing begins any more."""
    proxy = stage.proxy()
    stage.set_open(0)
    last_question, goodbye = Hold(), Hold()
    proxy.on("ping", REPLY, last_question, who="decider", skip=1)  # the first one is the greeting's
    proxy.on("release", COMMAND, goodbye, who="decider")
    router = stage.start("a", proxy)
    router.expect("LEADER_ACQUIRED")
    wait_until("the question behind which it reads", last_question.held.is_set, context=stage.told)
    router.send(signals.SIGTERM)
    wait_until("it gives the lease back", goodbye.held.is_set, context=stage.told)
    last_question.release()
    assert router.process.wait(PATIENCE_SEC) == 0, router.tail()
    goodbye.release()
