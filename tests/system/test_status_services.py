"""quantumctl status: what systemd says of the services. It is asked with systemctl, in whose place a script stands here."""

import json
import socket
import threading
import time

import pytest

from harness.ctl import ctl
from harness.status import CRITICAL, HEALTHY, WARNING, must_run_well, status
from harness.waiting import soon

SYSTEMCTL = """#!/bin/sh
[ "$1 $2" = "show --property=LoadState,ActiveState,SubState" ] || exit 64
case $3 in
%s
*) printf 'LoadState=not-found\\nActiveState=inactive\\nSubState=dead\\n' ;;
esac
"""
ROUTER_UNIT, EXECUTOR_UNIT, TIMER = "quantum-ai-strategy-router.service", "quantum-execution.service", "quantum-drain.timer"


def with_units(rig, **states):
    """The variables under which systemctl says this of units: LOAD ACTIVE SUB."""
    known = {"router": ROUTER_UNIT, "executor": EXECUTOR_UNIT, "timer": TIMER}
    cases = [f"{known[name]}) printf 'LoadState=%s\\nActiveState=%s\\nSubState=%s\\n' {words} ;;" for name, words in states.items()]
    folder = rig.folder / "bin"
    folder.mkdir(exist_ok=True)
    (folder / "systemctl").write_text(SYSTEMCTL % "\n".join(cases))
    (folder / "systemctl").chmod(0o755)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


UNITS = [
    ("loaded active running", HEALTHY, "active (running)", []),
    ("loaded inactive dead", WARNING, "inactive (dead)", ["{} is inactive (dead)"]),
    ("loaded activating auto-restart", WARNING, "activating (auto-restart)", ["{} is activating (auto-restart)"]),
    ("masked inactive dead", WARNING, "inactive (dead)", ["{} is inactive (masked)"]),
    ("loaded failed failed", CRITICAL, "failed (failed)", ["{} has failed (see systemctl status {})"]),
    ("bad-setting inactive dead", CRITICAL, "inactive (dead)", ["systemd cannot use {}: bad-setting (see systemctl status {})"]),
    ("not-found inactive dead", HEALTHY, "not installed", []),
]


@pytest.mark.parametrize("state, code, shown, said", UNITS)
def test_the_services_units(rig, state, code, shown, said):
    must_run_well(rig)
    env = with_units(rig, router="loaded active running", executor=state, timer="loaded active waiting")
    document, got = status(rig, **env)
    assert document["services"] == {ROUTER_UNIT: "active (running)", EXECUTOR_UNIT: shown, TIMER: "active (waiting)"}
    assert [found["text"] for found in document["findings"]] == [text.format(EXECUTOR_UNIT, EXECUTOR_UNIT) for text in said]
    assert got == code


def test_a_timer_may_stand_still(rig):
    must_run_well(rig)
    assert status(rig, **with_units(rig, timer="loaded inactive dead"))[1] == HEALTHY
    assert status(rig, **with_units(rig, timer="loaded failed failed"))[1] == CRITICAL


@pytest.mark.parametrize("script", ["exit 1", "echo 'System has not been booted with systemd' >&2; exit 1", "exit 0"])
def test_without_a_systemd(rig, script):
    must_run_well(rig)
    env = with_units(rig)
    (rig.folder / "bin/systemctl").write_text(f"#!/bin/sh\n{script}\n")
    document, code = status(rig, **env)
    assert (document["services"], code) == ({}, HEALTHY)


@pytest.mark.parametrize("script", ["sleep 1000", "sleep 1000 & exit 0", "trap '' TERM; while :; do sleep 0.1; done", "yes", "yes | head -c 1000000"])
def test_a_systemctl_that_does_not_end_holds_nobody_up(rig, script):
    """It is asked once: who did not answer is not asked of the other units."""
    must_run_well(rig)
    env = with_units(rig)
    (rig.folder / "bin/systemctl").write_text(f"#!/bin/sh\n{script}\n")
    began = time.monotonic()
    document, code = status(rig, **env)
    assert (document["services"], code) == ({}, HEALTHY) and time.monotonic() - began < soon(5)


def test_who_sends_a_byte_at_a_time_holds_nobody_up(rig):
    """At the router's port, while the router is away, anybody may be."""
    must_run_well(rig)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=dribble, args=(listener,), daemon=True).start()
        began = time.monotonic()
        document, _ = status(rig, ROUTER_METRICS_LISTEN=f"127.0.0.1:{listener.getsockname()[1]}")
        assert document["stale_drops"]["router"] is None and time.monotonic() - began < soon(3)


def dribble(listener):
    connection, _ = listener.accept()
    with connection:
        for _ in range(40):
            try:
                connection.sendall(b"x")
            except OSError:
                return
            time.sleep(0.1)


def test_another_account_has_other_units(rig):
    env = with_units(rig, router="loaded failed failed")
    assert status(rig, **env)[0]["services"][ROUTER_UNIT] == "failed (failed)"
    said = ctl("--prefix=acct7:", "status", "--json", "--sample=0", url=rig.redis.url, **env).stdout
    document = json.loads(said)
    assert document["services"] == {} and not any(ROUTER_UNIT in found["text"] for found in document["findings"])
