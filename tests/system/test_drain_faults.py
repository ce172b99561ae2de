"""quantumctl drain when something goes wrong: killed, interrupted, not alone, trimmed, refused. F52, F58, F73."""

import re
import signal

import pytest

from harness.ctl import ctl
from harness.drain import (
    AUDIT,
    DAY_MS,
    DRAINER,
    FAST,
    actions,
    aged,
    audit,
    counted,
    drain,
    make_group,
    settled,
    start_drain,
)
from harness.names import DEAD_LETTERS, EXECUTORS, INTENTS
from harness.waiting import PATIENCE_SEC, wait_until



def fill(rig, old, fresh):
    """The fresh ones evenly among the old."""
    make_group(rig)
    every = (old + fresh) // fresh if fresh else old + 1
    stale, young = aged(rig, 5 * DAY_MS), aged(rig, 0)
    entries = [young if fresh and n % every == every // 2 and n // every < fresh else stale for n in range(old + fresh)]
    return rig.must_intend(*entries)


def kill_at(rig, process, count):
    """Whether it was still at work."""
    wait_until(f"{count} audited", lambda: rig.db.xlen(AUDIT) >= count or process.poll() is not None)
    process.kill()
    return process.wait() == -signal.SIGKILL


def kill_again_and_again(rig, ids, step, *flags):
    """Nothing is lost and nothing audited twice, wherever it was killed."""
    killed = 0
    for n in range(1, 6):
        process = start_drain(rig, "--mode=live", "--over-limit", *flags)
        killed += kill_at(rig, process, rig.db.xlen(AUDIT) + n * step % 400 + 1)
        assert sum(settled(rig)) + len(actions(rig)) == len(ids)
    assert killed
    drain(rig, *FAST)
    assert sorted(actions(rig)) == sorted(ids)
    assert settled(rig) == (0, 0) and rig.db.xinfo_consumers(INTENTS, EXECUTORS) == []


@pytest.mark.parametrize("step", [37, 101, 263])
def test_f73_killed_in_the_middle_every_entry_is_audited_once(rig, step):
    ids = fill(rig, 3000, 40)
    kill_again_and_again(rig, ids, step, "--throttle=300", "--throttle-all")
    fates = list(actions(rig).values())
    assert (fates.count("drained_ok"), fates.count("dropped_old")) == (40, 3000)


def test_f73_killed_at_full_speed(rig):
    kill_again_and_again(rig, fill(rig, 120_000, 100), 101, "--throttle=100000")


def test_f73_killed_while_it_forwards(rig):
    ids = fill(rig, 0, 1500)
    kill_again_and_again(rig, ids, 101, "--throttle=300", "--forward=out")
    forwarded = [fields["replay_of"] for _, fields in rig.db.xrange("out")]
    assert len(forwarded) == len(set(forwarded)) and set(forwarded) <= set(ids)


def test_f73_run_twice_the_second_finds_nothing(rig):
    ids = fill(rig, 50, 5)
    first, second = drain(rig, *FAST), drain(rig, *FAST)
    assert (first["total_processed"], second["total_processed"]) == (55, 0)
    assert len(actions(rig)) == len(ids)


def test_f73_two_at_once_audit_every_entry_once(rig):
    ids = fill(rig, 500, 500)
    others = [start_drain(rig, "--mode=live", "--over-limit", "--throttle=1000") for _ in range(2)]
    assert [process.wait(PATIENCE_SEC) for process in others] == [0, 0]
    drain(rig, *FAST)
    assert sorted(actions(rig)) == sorted(ids) and settled(rig) == (0, 0)
    for process in others:
        process.communicate()


def test_f73_beside_a_live_router(rig):
    """While the backlog is in flight the router has no room; the drain takes it, and the router goes on."""
    fill(rig, 200, 3)
    router = rig.start_open_router(0, f"--capacity.inflight_group={EXECUTORS}")
    assert router.count("CAPACITY_FULL open=0 max=10 inflight=11")
    drain(rig, *FAST)
    rig.must_xadd("NEWUSDT")
    wait_until("the new intent", lambda: len(rig.intents()) == 204, context=rig.told)
    drain(rig, *FAST)
    assert len(actions(rig)) == 204 and settled(rig) == (0, 0)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_reports_and_resumes(rig, number):
    ids = fill(rig, 0, 50)
    process = start_drain(rig, "--mode=live", "--throttle=10")
    wait_until("3 audited", lambda: rig.db.exists(AUDIT) and rig.db.xlen(AUDIT) >= 3)
    process.send_signal(number)
    out, error = process.communicate(timeout=PATIENCE_SEC)
    assert process.returncode == 0, error
    said = out.decode()
    assert "FINAL DRAIN REPORT" in said and "Interrupted; run it again to go on where it stopped." in said
    assert counted(said)["Executed"] == len(actions(rig)) < 50
    pending, _ = settled(rig)
    assert pending > 0 and re.search(rf"^Group pending: +0 → {pending}$", said, re.MULTILINE)
    assert rig.db.xinfo_consumers(INTENTS, EXECUTORS)[0]["name"] == DRAINER
    drain(rig, *FAST)
    assert sorted(actions(rig)) == sorted(ids)


def test_from_start_resumes_by_its_run_id(rig):
    ids = fill(rig, 0, 30)
    process = start_drain(rig, "--mode=live", "--throttle=10", "--from-start")
    wait_until("3 audited", lambda: rig.db.exists(AUDIT) and rig.db.xlen(AUDIT) >= 3)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_SEC)
    [run] = re.findall(r"go on where it stopped with --from-start --run-id=(\S+)\.\n", out.decode())
    drain(rig, *FAST, "--from-start", f"--run-id={run}")
    assert sorted(actions(rig)) == sorted(ids)
    assert [group["name"] for group in rig.db.xinfo_groups(INTENTS)] == [EXECUTORS]


def test_redis_goes_in_the_middle(rig):
    fill(rig, 0, 50)
    process = start_drain(rig, "--mode=live", "--throttle=10")
    wait_until("3 audited", lambda: rig.db.exists(AUDIT) and rig.db.xlen(AUDIT) >= 3)
    rig.redis.kill()
    out, error = process.communicate(timeout=PATIENCE_SEC)
    assert process.returncode == 1 and f"quantumctl drain: Redis at {rig.redis.socket}: ".encode() in error
    assert len(error.decode().split("quantumctl drain: ")) == 2
    assert b"It broke off; run it again to go on where it stopped." in out


# --- not alone


def test_refuses_while_another_consumer_is_live(rig):
    fill(rig, 5, 0)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "busy one")
    done = ctl("drain", *FAST, url=rig.redis.url)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"quantumctl drain: consumer busy one of group {EXECUTORS} was active \d+\.\d s ago; [^\n]*\n", done.stderr)
    assert rig.db.exists(AUDIT) == 0 and settled(rig) == (0, 5)
    dry = drain(rig)
    assert dry["total_processed"] == 5 and "A live run would refuse: consumer busy one" in dry["stderr"]
    assert drain(rig, *FAST, "--despite-live-consumer")["total_processed"] == 5


def test_what_a_live_consumer_has_pending_is_left_to_it(rig):
    fill(rig, 6, 0)
    rig.db.xreadgroup(EXECUTORS, "busy", {INTENTS: ">"}, count=4)
    assert drain(rig)["total_processed"] == 2
    assert drain(rig, *FAST, "--despite-live-consumer")["total_processed"] == 2
    assert settled(rig) == (4, 0)


def test_dead_consumers_entries_are_claimed(rig):
    ids = fill(rig, 1200, 10)
    rig.db.xreadgroup(EXECUTORS, "dead 1", {INTENTS: ">"}, count=700)
    rig.db.xreadgroup(EXECUTORS, "dead 2", {INTENTS: ">"}, count=100)
    rig.db.xreadgroup(EXECUTORS, DRAINER, {INTENTS: ">"}, count=50)
    wait_until("they are silent", lambda: all(c["idle"] > 1000 for c in rig.db.xinfo_consumers(INTENTS, EXECUTORS)))
    dry = drain(rig, "--live-sec=1")
    report = drain(rig, *FAST, "--live-sec=1")
    assert dry["total_processed"] == report["total_processed"] == 1210
    assert sorted(actions(rig)) == sorted(ids) and settled(rig) == (0, 0)


def test_an_entry_that_somebody_else_took_is_not_audited(rig):
    ids = fill(rig, 0, 20)
    process = start_drain(rig, "--mode=live", "--throttle=10", "-v")
    wait_until("3 audited", lambda: rig.db.exists(AUDIT) and rig.db.xlen(AUDIT) >= 3)
    taken = ids[-4:]
    rig.db.xclaim(INTENTS, EXECUTORS, "executor", 0, taken)
    out, error = process.communicate(timeout=PATIENCE_SEC)
    assert counted(out.decode())["Errors"] == 4
    assert "Errors: 4 had been taken by another consumer when their turn came.\n" in out.decode()
    assert error.decode().count("Processed: ") == 16
    assert not set(taken) & set(actions(rig)) and settled(rig) == (4, 0)


# --- what is gone, and what Redis refuses


def test_f52_its_consumer_stays_while_something_is_pending(rig):
    ids = fill(rig, 0, 5)
    rig.db.xreadgroup(EXECUTORS, DRAINER, {INTENTS: ">"})
    drain(rig, *FAST, "--max-events=2")
    [consumer] = rig.db.xinfo_consumers(INTENTS, EXECUTORS)
    assert (consumer["name"], consumer["pending"]) == (DRAINER, 3)
    drain(rig, *FAST)
    assert sorted(actions(rig)) == sorted(ids) and rig.db.xinfo_consumers(INTENTS, EXECUTORS) == []


def test_f58_a_stream_that_was_trimmed_while_the_group_was_behind(rig):
    ids = fill(rig, 100, 0)
    rig.db.xreadgroup(EXECUTORS, DRAINER, {INTENTS: ">"}, count=10)
    rig.db.xreadgroup(EXECUTORS, "dead", {INTENTS: ">"}, count=10)
    wait_until("it is silent", lambda: all(c["idle"] > 1000 for c in rig.db.xinfo_consumers(INTENTS, EXECUTORS)))
    rig.db.xtrim(INTENTS, maxlen=30, approximate=False)
    dry, report = drain(rig, "--live-sec=1"), drain(rig, *FAST, "--live-sec=1")
    for one in (dry, report):
        assert "50 or more entries were trimmed before the group was given them" in one["stderr"]
        assert (one["total_processed"], one["gone"], one["errors"]) == (50, 20, 0)
    assert sorted(actions(rig)) == sorted(ids[:20] + ids[70:]) and settled(rig)[0] == 0
    assert rig.db.xlen(INTENTS) == 30


def test_f56_what_is_gone_is_judged_by_its_id(rig):
    make_group(rig)
    [old] = rig.must_intend_at(rig.now_ms() - 2 * DAY_MS, aged(rig, 0))
    [young] = rig.must_intend()
    rig.db.xreadgroup(EXECUTORS, DRAINER, {INTENTS: ">"})
    rig.db.xdel(INTENTS, old, young)
    drain(rig, *FAST)
    assert actions(rig) == {old: "dropped_old", young: "dropped_invalid"}
    assert rig.db.exists(DEAD_LETTERS) == 0


@pytest.mark.parametrize("key", [AUDIT, "out", DEAD_LETTERS])
def test_what_cannot_be_audited_forwarded_or_made_a_dead_letter_is_not_acked(rig, key):
    fill(rig, 2, 5)
    rig.must_intend({"payload": "{"})
    rig.db.set(key, "x")
    done = ctl("drain", *FAST, "--forward=out", "-v", url=rig.redis.url)
    assert done.returncode == 1 and f"nothing of the batch was settled: {key} is a string, not a stream" in done.stderr
    assert "Processed:" not in done.stderr and "Filtered " not in done.stderr.split("=== PROGRESS STATS ===")[0]
    assert counted(done.stdout) | {"Total processed": 0, "Executed": 0, "Errors": 8} == counted(done.stdout)
    assert "Errors: 8 were in a batch that was refused or not answered; what was not settled is pending.\n" in done.stdout
    assert sum(settled(rig)) == 8 and {AUDIT, "out", DEAD_LETTERS} & set(rig.db.keys()) == {key}
    rig.db.delete(key)
    done = ctl("drain", *FAST, "--forward=out", "-v", url=rig.redis.url)
    assert done.stderr.count("Processed: ") == len(rig.db.xrange("out")) == 5 and done.stderr.count("Filtered 1") == 3
    assert len(actions(rig)) == 8 and len(rig.dead_letters()) == 1


def test_a_user_who_may_not_ack_writes_nothing(rig):
    fill(rig, 0, 5)
    rig.db.acl_setuser("poor", enabled=True, passwords=["+p"], keys=["*"], commands=["+@all", "-xack"])
    done = ctl("drain", *FAST, url=f"unix://poor:p@{rig.redis.socket}")
    assert done.returncode == 1 and "NOPERM" in done.stderr, done
    assert rig.db.exists(AUDIT) == 0


def test_forgotten_scripts_do_no_harm(rig):
    ids = fill(rig, 0, 30)
    process = start_drain(rig, "--mode=live", "--throttle=10")
    wait_until("3 audited", lambda: rig.db.exists(AUDIT) and rig.db.xlen(AUDIT) >= 3)
    rig.db.script_flush()
    assert process.wait(PATIENCE_SEC) == 0
    process.communicate()
    assert sorted(actions(rig)) == sorted(ids)


def test_entries_out_of_bounds(rig):
    """More fields than anybody reads, megabytes, the last id of all: dropped, and the drain goes on."""
    make_group(rig)
    rig.must_intend({f"f{n}": "x" for n in range(500)}, {"payload": "x" * 3_000_000}, {"symbol": "a" * 100_000, "confidence": "1"})
    rig.db.xadd(INTENTS, {"symbol": "BTCUSDT", "confidence": "1"}, id="18446744073709551615-18446744073709551615")
    dry, live = drain(rig), drain(rig, *FAST)
    assert (dry["total_processed"], dry["filtered_invalid"], dry["executed"]) == (4, 3, 1)
    assert (live["total_processed"], live["filtered_invalid"], live["executed"]) == (4, 3, 1)
    assert len(audit(rig)) == 4
