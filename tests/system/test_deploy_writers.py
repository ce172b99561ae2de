"""deploy/deploy.d: who writes intents beside the router is named before the switch and after it (U5)."""

import subprocess

import pytest

from harness.executor import intent
from harness.names import INTENTS
from harness.process import BUILD, ROOT
from harness.rig import Rig
from harness.waiting import PATIENCE_SEC

# The parts on a host where a router runs or none, as `running` says, and with the programs of this build.
PARTS = """
set -Eeuo pipefail
for part in "$0"/*.sh; do source "$part"; done
work=$1/work stage=$1/stage asking_words=(--config "$1/router.conf" --env-file "$1/router.env")
intents=quantum:stream:trade.intent open_key=quantum:state:open_orders safe_key=quantum:safety:safe_mode max_open=10
: >"$1/router.conf"; echo "REDIS_URL=$2" >"$1/router.env"; mkdir -p "$work" "$stage/usr/bin"; ln -sf "$3"/quantum{-router,ctl} "$stage/usr/bin/"
: >"$work/facts"; rm -f "$work/why"
"$stage/usr/bin/quantum-router" --check-config "${asking_words[@]}" >"$work/effective.$router_unit"
running=
unit_is() { case $2 in ActiveState) if [[ $1 == "$running" ]]; then echo active; else echo inactive; fi ;; MainPID) echo $$ ;; esac; }
trap 'cat "$work/why" >&2 2>/dev/null || true' EXIT
"""
OLD = "running=quantum-ai-strategy-router.service; "
BEFORE = "writers_check; cat $work/facts"


@pytest.fixture
def deploy(tmp_path):
    with Rig() as rig:
        rig.redis.start()

        def run(text):
            command = ["bash", "-c", PARTS + text, ROOT / "deploy/deploy.d", tmp_path, rig.redis.url, BUILD]
            return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SEC)

        rig.deploy = run
        yield rig


def by(source, **more):
    return intent(beside={"source": source} if source else {}, **more)


OURS = by("ai_strategy_router")


@pytest.mark.parametrize("entries, who", [
    ([by("engine"), by("engine")], "engine, 2 intents, the last {}"),
    ([OURS, by(None)], "(none), 1 intent, the last {}"),
    ([by("a\nb\t\"\\")], 'a\\x0ab\\x09"\\\\, 1 intent, the last {}'),
])  # fmt: skip
def test_another_writer_is_refused_before_the_switch(deploy, entries, who):
    *_, last = deploy.must_intend(*entries)
    done = deploy.deploy(BEFORE)
    assert done.returncode == 1 and done.stderr.startswith(f"somebody else writes {INTENTS}: {who.format(last)}. Beside the router"), done
    assert "end it there, or go on knowingly with --allow-other-writer=" in done.stderr


def test_the_one_who_was_allowed_is_named_all_the_same(deploy):
    deploy.must_intend(by("engine"), by("b \"\\"))
    done = deploy.deploy("allowed_writers=(engine); " + BEFORE)
    assert done.returncode == 1 and "INTENTS: b" not in done.stderr and "engine" not in done.stderr.split("somebody else writes")[1]
    flag = done.stderr.split("--allow-other-writer=")[1].strip()
    done = deploy.deploy(f"allowed_writers=(engine {flag}); {BEFORE}; writers_prove 0-0; cat $work/facts")
    assert done.returncode == 0 and done.stdout.count("is written by b") == 3 and "other writers\tonly who was allowed" in done.stdout, done


@pytest.mark.parametrize("entries, before", [
    ([], ""),
    ([OURS], ""),
    ([OURS, by("guardian", action="CLOSE"), by("guardian", reduce_only=True)], ""),
    ([by("old")], OLD),
    ([by(None)], OLD),
])  # fmt: skip
def test_who_replaces_nobody_and_who_is_replaced(deploy, entries, before):
    deploy.must_intend(OURS, *entries) if not before else deploy.must_intend(*entries)
    deploy.must_intend_at(deploy.now_ms() - 700_000, by("long ago")) if not deploy.db.xlen(INTENTS) else None
    done = deploy.deploy(before + BEFORE)
    assert done.returncode == 0, done
    assert ("taken for the router that is replaced" in done.stdout) == bool(before)


@pytest.mark.parametrize("entries", [[by("old"), by("engine")], [OURS, by("engine")]])
def test_an_old_router_is_one_writer_and_no_more(deploy, entries):
    deploy.must_intend(*entries)
    done = deploy.deploy(OLD + BEFORE)
    assert done.returncode == 1 and "engine, 1 intent, " in done.stderr, done


def test_after_the_switch_all_that_came_since_counts(deploy):
    *_, switch = deploy.must_intend(by("old"), by("old"), OURS)
    assert deploy.deploy(f"writers_prove {switch}; cat $work/facts").stdout.strip() == "proof\tother writers\tnone"
    deploy.must_intend(OURS, by("guardian", action="CLOSE"))
    assert deploy.deploy(f"writers_prove {switch}").returncode == 0
    *_, last = deploy.must_intend(*[by("engine")] * 150)
    deploy.must_intend(*[OURS] * 150)
    done = deploy.deploy(f"writers_prove {switch}")
    assert done.returncode == 1 and done.stderr.startswith(f"since the switch somebody else writes {INTENTS}: engine, 150 intents, the last {last}. Each")


def test_who_may_not_ask_gets_no_good_answer(deploy):
    deploy.db.execute_command("ACL", "SETUSER", "half", "on", ">pw", "~*", "+@all", "-xrevrange")
    done = deploy.deploy('echo "REDIS_URL=unix://half:pw@${2#unix://}" >"$1/router.env"; ' + BEFORE)
    assert done.returncode == 1 and "NOPERM" in done.stderr and done.stderr.startswith("quantumctl status: ")


def test_the_policy_is_held_against_the_routers_entries_alone(deploy):
    """What another writes is neither the router's nor taken for it, whatever it looks like."""
    ids = deploy.must_intend(
        by("ai_strategy_router", correlation_id="x"),
        {"payload": '{\n"action":"BUY"\n}', "source": "engine"},
        {"a": "1-1", "source": "engine"},
        {"payload": '{"action":"BUY"}', "source": "ai_strategy_router", "trace_id": "5-5", "correlation_id": "6-6"},
        {"payload": "1-1\nx", "b": "7-7", "source": "engine"},
        by("ai_strategy_router"),
    )
    done = deploy.deploy('redis_answer "" XRANGE "$intents" - + | writers_own_entries | grep -E "^[0-9]+-[0-9]+$"')
    assert done.stdout.split() == [ids[0], ids[3], "5-5", "6-6", ids[5]]


SAMPLES = """
figures_sample >"$work/samples"
redis_ask XADD "$intents" '*' payload x source {} >/dev/null
figures_sample >>"$work/samples"
watch_blind_publishing
"""


@pytest.mark.parametrize("source, status", [("guardian", 0), ("ai_strategy_router", 1)])
def test_who_publishes_blindly_is_the_router(deploy, source, status):
    done = deploy.deploy(SAMPLES.format(source))
    assert (done.returncode, done.stderr) == (status, "it publishes without knowing the open orders\n" if status else ""), done
