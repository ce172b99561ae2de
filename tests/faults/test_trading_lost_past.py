"""Router and executor on a server that lacks its last seconds: no decision is published or executed twice (R1)."""

import shutil

import pytest
from harness.redis import free_port
from harness.status import findings, status
from harness.waiting import SLOWNESS, wait_until
from pair import move_to_replica, paired, part
from trading import TradingStage, expect_none_twice, stopped, trade_in_books, trade_on

OLDER_SEC = 2
UNSURE = r"\[WARNING\] ⏸️ STATE_UNSURE held={} older_than=\S+ → Redis is another server"


@pytest.fixture
def trading():
    with TradingStage(durable=True) as stage:
        stage.redis.start()
        stage.set_open(0)
        yield stage


@pytest.fixture
def trading_pair():
    with TradingStage(durable=True, port=free_port()) as stage, paired(stage):
        yield stage


def leave_undone(stage, router, executor, then):
    """Five intents that are not executed and five signals that are not published, while `then` keeps what there is; all are
    done after that. Returns the names of both."""
    with stopped(executor):
        intended = stage.write(*[0.95] * 5)
        wait_until("all to be published", lambda: set(intended) <= set(stage.published()), context=stage.told)
        stage.expect_drained()
        with stopped(router):
            signalled = stage.write(*[0.95] * 5)
            then()
    stage.expect_executed(*intended, *signalled)
    return intended, signalled


def test_r1_all_are_killed_under_flow_and_an_older_file_comes_back(trading):
    """The one who comes back cannot know: what is older waits on both sides, what is newer is executed at once."""
    stage, kept = trading, trading.folder / "kept"
    router, executor = stage.trade()
    stage.expect_executed(*stage.write(*[0.95] * 5))
    intended, signalled = leave_undone(
        stage, router, executor, lambda: shutil.copytree(stage.folder / "appendonlydir", kept / "appendonlydir")
    )
    stage.feed_for(OLDER_SEC)
    for service in (router, executor, stage.redis):
        service.kill()
    before = trade_in_books(stage.folder)
    assert len(before.executed) > len(trade_in_books(kept).executed) + 10
    shutil.rmtree(stage.folder / "appendonlydir")
    shutil.copytree(kept / "appendonlydir", stage.folder / "appendonlydir")
    stage.redis.start()
    router, executor = stage.trade()
    router.expect(UNSURE.format(5))
    executor.expect(UNSURE.format(5))
    stage.expect_executed(*stage.write(*[0.95] * 3))
    expect_none_twice(before, trade_on(stage.redis), trade_in_books(kept))
    assert stage.pending() == 5 and stage.executors_group()["pending"] == 5
    told = findings(status(stage)[0], "warning")
    assert [text.partition(":")[0] for text in told].count("STATE_UNSURE") == 2, told
    stage.must_resume()
    for service in (router, executor):
        service.expect("STATE_RESUMED")
    stage.expect_executed(*intended, *signalled)
    stage.expect_drained()
    stage.expect_settled()
    assert len(set(trade_on(stage.redis).executed)) == len(trade_on(stage.redis).executed)


def test_r1_two_masters_for_a_while_each_with_a_router_and_an_executor(trading_pair):
    """The old master serves those who are on it, the other one those who come; then all find the other one."""
    stage, master, age = trading_pair, trading_pair.redis, 4 * SLOWNESS
    here, there = stage.proxy(), stage.proxy()
    first = stage.trade("a", here, age)
    stage.expect_executed(*stage.write(*[0.95] * 5))
    stage.expect_settled()
    intended, signalled = leave_undone(stage, *first, lambda: part(stage))
    kept = trade_on(stage.replica)
    assert set(intended) <= set(kept.published)
    there.upstream = stage.replica
    second = stage.trade("b", there, age)
    for service in second:
        service.expect(UNSURE.format(5))
    stage.expect_executed(*stage.write(), server=master)
    move_to_replica(stage, here)
    stage.expect_executed(*stage.write(), server=stage.replica)
    before = trade_in_books(stage.folder)
    master.db.execute_command("REPLICAOF", "127.0.0.1", stage.replica.port)
    for service in first:
        service.expect("REDIS_BACK")
    stage.expect_executed(*stage.write(*[0.95] * 3), server=stage.replica)
    stage.expect_drained()
    stage.expect_settled()
    expect_none_twice(before, trade_on(stage.replica), kept)
    assert not {*intended, *signalled} & set(trade_on(stage.replica).executed)
