"""quantumctl status, read as a program reads it, and a pipeline that it finds well."""

import json

from harness.ctl import ctl
from harness.executor import intent
from harness.names import EXECUTORS, GROUP, INTENTS, OPEN_ORDERS, SIGNALS

HEALTHY, WARNING, CRITICAL, UNKNOWN = range(4)


def status(rig, *words, sample=0, **env):
    """Its document and its exit status."""
    done = ctl("status", "--json", f"--sample={sample}", *words, url=rig.redis.url, **env)
    assert done.stdout, done
    return json.loads(done.stdout), done.returncode


def findings(document, severity):
    return [found["text"] for found in document["findings"] if found["severity"] == severity]


def own_intent(**more):
    """As the router writes it; another writer is a finding."""
    return intent(beside={"source": "ai_strategy_router"}, **more)


def must_run_well(rig):
    """What is there when router and executor run and have nothing to do."""
    rig.db.set(OPEN_ORDERS, 1)
    rig.db.set("quantum:router:leader", "here:0123", ex=100)
    rig.db.xgroup_create(SIGNALS, GROUP, id="0", mkstream=True)
    rig.db.xgroup_create(INTENTS, EXECUTORS, id="0", mkstream=True)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "one")
