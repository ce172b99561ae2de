"""quantumctl drain at the sizes of the field: 10,014 entries five days old with some fresh ones among them, and the throttle."""

import json
import os
import pty
import re
import subprocess
import time

import pytest

from harness.ctl import ctl
from harness.drain import DAY_MS, actions, aged, audit, counted, drain, make_group, settled, start_drain
from harness.names import INTENTS
from harness.process import clean_environment, program
from harness.waiting import FULL, PATIENCE_SEC, SLOWNESS, soon

TOTAL, FRESH = 10_014, 14


def backlog(rig, confidences=(0.75,)):
    """Every 700th entry is fresh."""
    make_group(rig)
    old = aged(rig, 5 * DAY_MS)
    pipe = rig.db.pipeline(transaction=False)
    for n in range(TOTAL):
        fresh = n % 700 == 350
        pipe.xadd(INTENTS, aged(rig, 60_000, f"S{n}USDT", confidences[n // 700 % len(confidences)]) if fresh else old)
    pipe.execute()


def test_ten_thousand_entries_five_days_old(rig):
    backlog(rig)
    dry = drain(rig)
    assert (dry["total_processed"], dry["executed"], dry["filtered_age"]) == (TOTAL, FRESH, TOTAL - FRESH)
    assert dry["filter_rate"] > 0.95 and abs(dry["live_seconds"] - (FRESH - 1) / 2) < soon(3)
    began = time.monotonic()
    live = drain(rig, "--mode=live", "--throttle=5")
    took = time.monotonic() - began
    assert (live["total_processed"], live["executed"], live["errors"]) == (TOTAL, FRESH, 0)
    assert took >= (FRESH - 1) / 5 * 0.95
    assert len(actions(rig)) == TOTAL == rig.db.xlen(INTENTS) and settled(rig) == (0, 0)


def moments(rig):
    """When each survivor was settled."""
    return [int(id.split("-")[0]) for id, fields in rig.db.xrange("quantum:stream:trade.intent.drain_audit")
            if fields["action"] == "drained_ok"]  # fmt: skip


def test_survivors_are_paced_and_what_is_dropped_is_not(rig):
    """Within 20 %; in a long run within 5 %."""
    survivors, tolerance = (240, 0.05) if FULL else (30, 0.20)
    make_group(rig)
    rig.must_intend(*([aged(rig, 5 * DAY_MS)] * 2000 + [aged(rig, 0)] * survivors + [aged(rig, 5 * DAY_MS)] * 2000))
    report = drain(rig, "--mode=live", "--throttle=8")
    wanted = (survivors - 1) / 8
    times = moments(rig)
    assert report["executed"] == len(times) == survivors
    if SLOWNESS == 1:
        assert abs((times[-1] - times[0]) / 1000 - wanted) <= wanted * tolerance
        assert abs(report["duration_sec"] - wanted) <= wanted * 0.20 + 1
    steps = [b - a for a, b in zip(times, times[1:])]
    assert min(steps) >= 0 and len([step for step in steps if step < 60]) <= len(steps) // 10


def test_throttle_all_paces_everything(rig):
    make_group(rig)
    rig.must_intend(*[aged(rig, 5 * DAY_MS)] * 21)
    report = drain(rig, "--mode=live", "--throttle=10", "--throttle-all")
    assert report["duration_sec"] >= 1.9
    assert drain(rig, "--throttle=10", "--throttle-all", "--from-start")["live_seconds"] >= 2


def test_progress_in_a_pipe(rig):
    make_group(rig)
    rig.must_intend(*[aged(rig, 0)] * 13)
    done = ctl("drain", "--mode=live", "--throttle=2", url=rig.redis.url)
    _, block = done.stderr.split("=== PROGRESS STATS ===\n")
    assert 5 <= counted(block)["Total processed"] <= 12 and set(counted(block)) >= {
        "Total processed", "Filtered (age)", "Filtered (symbol)", "Filtered (confidence)", "Executed", "Errors",
    }  # fmt: skip
    assert "\r" not in done.stderr and "\033" not in done.stdout + done.stderr


@pytest.mark.parametrize("flags", [(), ("--mode=live",), ("--json",)], ids=str)
def test_a_short_run_has_one_block_of_progress(rig, flags):
    make_group(rig)
    rig.must_intend(aged(rig, 0), aged(rig, 5 * DAY_MS))
    done = subprocess.run([*program("quantumctl"), "drain", *flags], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=True, timeout=PATIENCE_SEC, env=clean_environment({"REDIS_URL": rig.redis.url}))  # fmt: skip
    assert done.stdout.count("=== PROGRESS STATS ===\n") == 1
    block, report = re.split("=== FINAL DRAIN REPORT ===|^{", done.stdout.split("=== PROGRESS STATS ===\n")[1], flags=re.MULTILINE)
    assert (counted(block)["Total processed"], counted(block)["Executed"], counted(block)["Errors"]) == (2, 1, 0) and report


def test_progress_on_a_terminal(rig):
    make_group(rig)
    rig.must_intend(*[aged(rig, 0)] * 5)
    ours, theirs = pty.openpty()
    process = start_drain(rig, "--mode=live", "--throttle=4", stderr=theirs)
    out, _ = process.communicate(timeout=PATIENCE_SEC)
    os.close(theirs)
    shown = os.read(ours, 65536).decode()
    os.close(ours)
    assert "/s, " in shown and " left" in shown and "[###" in shown and "PROGRESS STATS" not in shown
    assert counted(out.decode())["Executed"] == 5


def test_the_audit_is_whole(rig):
    backlog(rig, (0.75, 0.3))
    drain(rig, "--mode=live", "--over-limit", "--throttle=1000")
    lines = audit(rig)
    assert len(lines) == TOTAL and all(len(line) == 7 for line in lines)
    assert json.dumps(sorted({line["action"] for line in lines})) == '["drained_ok", "dropped_low_conf", "dropped_old"]'
