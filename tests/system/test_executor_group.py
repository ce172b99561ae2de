"""The executor's group: where a new one starts, who is in it, and --skip-backlog."""

import re
import subprocess

from harness.executor import intent
from harness.names import EXECUTOR, EXECUTORS, INTENTS, RESULTS
from harness.process import clean_environment, program
from harness.waiting import PATIENCE_SEC, SLOWNESS, wait_until

MANY = ["--guards.global_rate_max=1000", "--guards.symbol_rate_max=1000"]


def run(rig, *flags, **env):
    return subprocess.run(
        [*program("quantum-executor"), *flags],
        env=clean_environment({"REDIS_URL": rig.redis.url_for("quantum-executor"), **env}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SEC,
        check=False,
    )


def test_a_new_group_starts_at_the_first_that_is_young_enough(rig):
    now = rig.now_ms()
    rig.must_intend_at(now - 900_000, *[intent("OLDUSDT")] * 5)
    rig.must_intend_at(now - 10_000, intent("AAAUSDT"), intent("BBBUSDT"))
    rig.start_executor(*MANY)
    rig.expect_result("would_execute", symbol="AAAUSDT")
    rig.expect_result("would_execute", symbol="BBBUSDT")
    rig.expect_settled()
    assert rig.executor.count("STALE") == 0


def test_a_new_group_passes_over_a_backlog(rig):
    rig.must_intend_at(rig.now_ms() - 900_000, *[intent("OLDUSDT")] * 5)
    rig.start_executor()
    rig.expect_group()
    [id] = rig.must_intend()
    rig.expect_result("would_execute", intent_id=id)
    assert rig.executor.count("STALE") == 0


def test_an_empty_redis(rig):
    rig.start_executor()
    group = rig.expect_group()
    assert (group["pending"], group["lag"]) == (0, 0)


def test_an_existing_group_goes_on_where_it_was(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.must_intend_at(rig.now_ms() - 900_000, *[intent()] * 5)
    rig.start_executor()
    rig.executor.expect(r"STALE_INTENT_DROP")
    rig.expect_settled()


def expect_nobody_reads(rig):
    """Redis may give entries to a reader that is dead already."""
    wait_until(
        "nobody reads", lambda: not any(c["name"].startswith("quantum-executor") for c in rig.db.client_list())
    )


def test_intents_that_were_trimmed_unread_are_told(rig):
    rig.start_executor()
    rig.must_intend()
    rig.expect_settled()
    rig.executor.kill()
    expect_nobody_reads(rig)
    rig.must_intend(*[intent() for _ in range(5)])
    rig.db.xtrim(INTENTS, maxlen=2, approximate=False)
    rig.start_executor()
    rig.executor.expect("ENTRIES_LOST count=3 entries were trimmed from the intent stream before they were read$")


def test_pending_entries_are_recovered(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(25)])
    rig.db.xreadgroup(EXECUTORS, EXECUTOR, {INTENTS: ">"}, count=25)
    rig.start_executor(*MANY)
    rig.expect_settled()
    assert len(rig.results()) == 25


def test_dead_consumers_entries_are_claimed(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.must_intend(*[intent(f"S{n}USDT") for n in range(5)])
    rig.db.xreadgroup(EXECUTORS, "dead", {INTENTS: ">"}, count=5)
    rig.start_executor(*MANY, "--strays.claim_idle_ms=100")
    rig.expect_settled()
    assert len(rig.results()) == 5


def test_dead_consumers_with_nothing_pending_are_removed_at_the_start(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    for n in range(34):
        rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, f"dead-{n}")
    rig.must_intend()
    rig.db.xreadgroup(EXECUTORS, "holding", {INTENTS: ">"})
    wait_until("they are idle", lambda: min(c["idle"] for c in rig.db.xinfo_consumers(INTENTS, EXECUTORS)) > 2000 * SLOWNESS)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "young")
    executor = rig.start_executor(f"--strays.dead_consumer_sec={2 * SLOWNESS}")
    executor.expect("CONSUMER_REMOVED consumer=dead-0 ")
    executor.expect("CONSUMER_REMOVED consumer=dead-9 ")
    names = {consumer["name"] for consumer in rig.db.xinfo_consumers(INTENTS, EXECUTORS)}
    executor.expect_count("CONSUMER_REMOVED", 34)
    assert "holding" in names
    assert not any(name.startswith("dead") for name in names)


def test_consumers_idle_for_less_than_a_day_stay(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "other")
    rig.start_executor()
    rig.must_intend()
    rig.expect_result("would_execute")
    assert {c["name"] for c in rig.db.xinfo_consumers(INTENTS, EXECUTORS)} == {"other", EXECUTOR}


def test_a_group_that_is_gone_is_made_again(rig):
    executor = rig.start_executor()
    rig.expect_group()
    rig.db.xgroup_destroy(INTENTS, EXECUTORS)
    executor.expect("GROUP_RECREATED stream=quantum:stream:trade.intent group=quantum:group:execution:trade.intent")
    rig.must_intend()
    rig.expect_result("would_execute")


def test_a_pending_entry_that_was_trimmed(rig):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    first, second = rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"))
    rig.db.xreadgroup(EXECUTORS, EXECUTOR, {INTENTS: ">"})
    rig.db.xdel(INTENTS, first)
    executor = rig.start_executor()
    executor.expect("ENTRIES_LOST count=1")
    rig.expect_result("would_execute", intent_id=second)
    wait_until("nothing is pending", lambda: rig.executors_group()["pending"] == 0, context=rig.told)


# --- --skip-backlog


def backlog(rig, count=7):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.must_intend(intent("AAAUSDT"))
    rig.db.xreadgroup(EXECUTORS, EXECUTOR, {INTENTS: ">"})
    return rig.must_intend(*[intent("BBBUSDT")] * count)


def test_skip_backlog_moves_the_group_to_the_end(rig):
    ids = backlog(rig)
    done = run(rig, "--skip-backlog")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"before: .* 7 not delivered, 1 pending\nafter:  .* 0 not delivered, 1 pending\n", done.stdout)
    assert "passed over 7 entries; what is pending stays" in done.stdout
    group = rig.executors_group()
    assert (group["last-delivered-id"], group["pending"]) == (ids[-1], 1)
    assert rig.db.exists(RESULTS) == 0


def test_skip_backlog_dry_run_changes_nothing(rig):
    backlog(rig)
    before = rig.executors_group()
    done = run(rig, "--skip-backlog", "--dry-run")
    assert done.returncode == 0 and "would pass over 7 entries; nothing was changed" in done.stdout
    assert rig.executors_group() == before


def test_skip_backlog_counts_what_redis_does_not_know(rig):
    ids = backlog(rig)
    rig.db.xdel(INTENTS, ids[3])
    assert rig.executors_group()["lag"] is None
    assert "passed over 6 entries" in run(rig, "--skip-backlog").stdout


def test_skip_backlog_where_there_is_nothing(rig):
    for flags in ([], ["--dry-run"]):
        done = run(rig, "--skip-backlog", *flags)
        assert (done.returncode, done.stdout, done.stderr) == (
            1, "", f"quantum-executor: {INTENTS}: there is no such stream; start the executor, which makes it and its group\n")
    rig.db.set(INTENTS, "x")
    done = run(rig, "--skip-backlog")
    assert done.returncode == 1 and done.stderr.startswith(f"quantum-executor: {INTENTS}: Redis refuses: WRONGTYPE ")
    rig.db.delete(INTENTS)
    rig.must_intend()
    done = run(rig, "--skip-backlog")
    assert done.returncode == 1 and "there is no such group" in done.stderr


def test_dry_run_alone_is_wrong_usage(rig):
    done = run(rig, "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
