"""An executor whose Redis lacks its last seconds: what it had executed it does not execute again (R1)."""

import signal as signals

from harness.ctl import ctl
from harness.names import POSITIONS
from harness.waiting import wait_until
from pair import executed_on, part, promote


def execute_apart(stage, executor):
    """Intents that the replica has, and their fills that it has not; returns their ids."""
    executor.process.send_signal(signals.SIGSTOP)
    ids = stage.intend(5)
    part(stage)
    executor.process.send_signal(signals.SIGCONT)
    stage.expect_filled(*ids)
    stage.expect_settled()
    return ids


def must_resume(server):
    done = ctl("resume", url=server.url)
    assert (done.returncode, done.stderr) == (0, ""), done


def fresh(stage):
    """An intent of now, on the new server."""
    [id] = stage.intend()
    return id


def test_r1_executor_dies_with_a_server_whose_replica_lagged(paper_pair):
    """Who comes next cannot know: older openings wait, newer ones and exits go on."""
    stage = paper_pair
    proxy = stage.proxy()
    executor = stage.lead(proxy)
    ids = execute_apart(stage, executor)
    executor.kill()
    promote(stage, proxy)
    second = stage.start(proxy)
    second.expect(r"\[WARNING\] ⏸️ STATE_UNSURE held=5 older_than=\S+ → Redis is another server")
    stage.expect_filled(fresh(stage))
    assert not set(ids) & set(executed_on(stage.replica)) and stage.executors_group()["pending"] == 5
    must_resume(stage.replica)
    second.expect("STATE_RESUMED")
    stage.expect_filled(*ids)
    stage.expect_settled()


def test_r1_executor_outlives_a_server_whose_replica_lagged(paper_pair):
    """It finds what it has settled unsettled: it opens nothing, until somebody resumes."""
    stage = paper_pair
    proxy = stage.proxy()
    executor = stage.lead(proxy)
    ids = execute_apart(stage, executor)
    promote(stage, proxy)
    executor.expect(r"\[ERROR\] ⏪ STATE_ROLLED_BACK what was settled last is not settled here")
    newer = fresh(stage)
    wait_until("all to be read", lambda: stage.executors_group()["lag"] == 0 and stage.executors_group()["pending"] == 6)
    assert not {newer, *ids} & set(executed_on(stage.replica))
    must_resume(stage.replica)
    executor.expect("STATE_RESUMED")
    stage.expect_filled(newer)
    stage.expect_settled()


def test_r1_executor_holds_nothing_back_after_a_plain_restart(paper):
    stage = paper
    executor = stage.lead()
    executor.process.send_signal(signals.SIGSTOP)
    ids = stage.intend(3)
    stage.redis.restart()
    executor.process.send_signal(signals.SIGCONT)
    stage.expect_filled(*ids)
    assert executor.count("STATE_UNSURE|STATE_ROLLED_BACK") == 0
    assert stage.db.hlen(POSITIONS) == 4
