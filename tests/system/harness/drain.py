"""A backlog of intents, quantumctl drain at work on it, and what the audit says."""

import json
import re
import subprocess

from harness.ctl import ctl
from harness.executor import intent, iso
from harness.names import EXECUTORS, INTENTS
from harness.process import clean_environment, program, spawn

AUDIT = "quantum:stream:trade.intent.drain_audit"
DRAINER = "backlog_drain_1"
DAY_MS = 86_400_000
FAST = ["--mode=live", "--over-limit", "--throttle=100000"]


def aged(rig, age_ms, symbol="BTCUSDT", confidence=0.75, **more):
    """An intent whose JSON says that it is so old."""
    return intent(symbol, **{"confidence": confidence, "timestamp": iso(rig.now_ms() - age_ms), **more})


def make_group(rig, id="0"):
    rig.db.xgroup_create(INTENTS, EXECUTORS, id=id, mkstream=True)


def drain(rig, *flags, status=0):
    """The report as JSON, with stderr beside it."""
    done = ctl("drain", "--json", *flags, url=rig.redis.url)
    assert done.returncode == status, done
    report = json.loads(done.stdout)
    report["stderr"] = done.stderr
    return report


def must_say(rig, *flags):
    """The report for people."""
    done = ctl("drain", *flags, url=rig.redis.url)
    assert done.returncode == 0, done
    return done.stdout


def start_drain(rig, *flags, stderr=subprocess.PIPE, url=None):
    return spawn([*program("quantumctl"), "drain", *flags], subprocess.PIPE, stderr,
                 clean_environment({"REDIS_URL": url or rig.redis.url}))  # fmt: skip


def audit(rig):
    return [fields for _, fields in rig.db.xrange(AUDIT)]


def actions(rig):
    """The action of each drained entry; an entry that was audited twice is an error."""
    found = {}
    for line in audit(rig):
        assert line["original_id"] not in found, line
        found[line["original_id"]] = line["action"]
    return found


def counted(text):
    """The numbers of the report for people."""
    return {name: int(number) for name, number in re.findall(r"^([A-Z][\w ()]+): +(\d+)$", text, re.MULTILINE)}


def settled(rig, group=EXECUTORS):
    return next((g["pending"], g["lag"]) for g in rig.db.xinfo_groups(INTENTS) if g["name"] == group)
