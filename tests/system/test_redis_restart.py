"""Redis starts again from its append-only file, which lacks the count of what a group was given."""

import itertools

import pytest

from harness.drain import drain
from harness.names import EXECUTORS, GROUP, INTENTS, SIGNALS
from harness.page import Page
from harness.redis import free_port
from harness.signals import signal
from harness.status import findings, status
from harness.waiting import wait_until

LOST = "before they were read"


def keeps_a_wrong_count(rig):
    """Servers from 7.2 on correct it at the next delivery; Valkey began with that."""
    version = rig.db.info("server")["redis_version"]
    return tuple(map(int, version.split(".")[:2])) < (7, 2)


def await_asks(rig, count):
    """So often have router and executor looked at how far they are behind, which each does with one INFO."""
    own = itertools.count()

    def asked():
        return rig.db.info("commandstats")["cmdstat_info"]["calls"] - next(own)

    goal = asked() + 2 * count
    wait_until(f"{count} more looks", lambda: asked() >= goal, context=rig.told)


def can_prove_a_loss(rig):
    """A server that will correct a wrong count at the next loss hides that loss behind the correction."""
    group = next(group for group in rig.db.xinfo_groups(SIGNALS) if group["name"] == GROUP)
    return keeps_a_wrong_count(rig) or group["entries-read"] == rig.db.xinfo_stream(SIGNALS)["entries-added"]


def must_write_base(rig):
    """From here on the file's base, which has a count of each group, is older than what they are given."""
    while any(group["entries-read"] is None for stream in (SIGNALS, INTENTS) for group in rig.db.xinfo_groups(stream)):
        must_trade(rig, 1)
    rig.db.bgrewriteaof()

    def written():
        told = rig.db.info("persistence")
        return not told["aof_rewrite_in_progress"] and not told["aof_rewrite_scheduled"]

    wait_until("the file is rewritten", written)


def must_trade(rig, count):
    rig.must_write(*[signal(f"COIN{next(rig.numbers)}") for _ in range(count)])
    expect_settled(rig)


def expect_settled(rig):
    """By the ids: Redis' own lag is what is wrong."""

    def settled():
        return all(
            group["pending"] == 0 and group["last-delivered-id"] == rig.db.xinfo_stream(stream)["last-generated-id"]
            for stream in (SIGNALS, INTENTS)
            for group in rig.db.xinfo_groups(stream)
        )

    wait_until("all is given and done with", settled, context=rig.told)


def group_of(document, stream, name):
    group = document["streams"][stream]["groups"][name]
    return group["lag"], group["lost"]


def removed(document):
    return [text for kind in ("critical", "warning") for text in findings(document, kind) if "removed" in text]


@pytest.fixture
def pages(durable_rig):
    """Router and executor, all done, with a base that is older, and the stream cut since."""
    rig = durable_rig
    pages = Page(free_port()), Page(free_port())
    rig.set_open(0)
    start_both(rig, pages)
    must_trade(rig, 3)
    must_write_base(rig)
    must_trade(rig, 12)
    rig.db.xtrim(SIGNALS, maxlen=5, approximate=False)
    rig.db.xtrim(INTENTS, maxlen=5, approximate=False)
    return pages


def start_both(rig, pages):
    room = {"MAX_OPEN_ORDERS": "1000", "TARGET_OPEN_ORDERS": "1000", "MAX_NEW_PER_CYCLE": "100"}
    rig.start_router(METRICS_LISTEN=f"127.0.0.1:{pages[0].port}", **room)
    rig.start_paper(METRICS_LISTEN=f"127.0.0.1:{pages[1].port}", **room)


def expect_nothing_behind(rig, pages):
    for page, stream, group in (pages[0], SIGNALS, GROUP), (pages[1], INTENTS, EXECUTORS):
        page.expect_metric(f'stream_group_lag{{stream="{stream}",group="{group}"}}', 0)
    document, _ = status(rig)
    assert group_of(document, SIGNALS, GROUP) == group_of(document, INTENTS, EXECUTORS) == (0, 0)
    assert removed(document) == []
    assert rig.router.count("ENTRIES_LOST") == 0
    assert pages[0].metrics()["entries_lost_total"] == pages[1].metrics()["entries_lost_total"] == 0


def test_a_restart_of_redis_is_no_loss(durable_rig, pages):
    rig = durable_rig
    for _ in range(2):
        rig.redis.restart()
        must_trade(rig, 1)
        if keeps_a_wrong_count(rig):
            assert rig.lag() > 0 and rig.executors_group()["lag"] > 0, "Redis got it right: this proves nothing"
        expect_nothing_behind(rig, pages)
    rig.close_routers()
    start_both(rig, pages)
    expect_nothing_behind(rig, pages)


def test_a_drain_after_a_restart_counts_by_ids(durable_rig, pages):
    rig = durable_rig
    rig.close_routers()
    rig.redis.restart()
    if keeps_a_wrong_count(rig):
        assert rig.executors_group()["lag"] > 0, rig.executors_group()
    report = drain(rig)
    assert (report["lag_after"], "trimmed before the group" in report["stderr"]) == (0, False)


def test_a_loss_that_this_redis_has_seen_is_told(durable_rig, pages):
    """What was missing when it was first seen is none; what comes on top of it is."""
    rig = durable_rig
    rig.redis.restart()
    must_trade(rig, 1)
    expect_nothing_behind(rig, pages)
    await_asks(rig, 4)
    is_proof = can_prove_a_loss(rig)
    pipe = rig.db.pipeline(transaction=True)
    for _ in range(9):
        pipe.xadd(SIGNALS, signal(confidence=0.1))
    pipe.xtrim(SIGNALS, maxlen=2, approximate=False)
    pipe.execute()
    if is_proof:
        rig.router.expect_anywhere(f"ENTRIES_LOST count=7 .*{LOST}")
    await_asks(rig, 4)
    pages[0].expect_metric("entries_lost_total", 7 if is_proof else 0)


def test_a_loss_is_told_where_no_base_was_loaded(durable_rig):
    """The router is away, producers trim: Redis counts for itself again once the group has had all."""
    rig = durable_rig
    rig.set_open(0)
    rig.start_router()
    rig.must_xadd()
    rig.expect_drained()
    for _ in range(2):
        rig.redis.restart()
        rig.must_xadd()
        rig.expect_drained()
    rig.close_routers()
    assert rig.router.count("ENTRIES_LOST") == 0
    rig.must_write(*[signal(confidence=0.1) for _ in range(20)])
    rig.db.xtrim(SIGNALS, maxlen=4, approximate=False)
    document, _ = status(rig)
    assert group_of(document, SIGNALS, GROUP) == (4, 16)
    assert any("16 entries were removed" in text for text in removed(document))
    rig.start_router().expect(f"ENTRIES_LOST count=16 .*{LOST}")
