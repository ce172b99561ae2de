"""deploy/deploy.d: how deploy.sh asks Redis, and that no answer is no good answer and no message holds a password."""

import subprocess

import pytest

from harness.guarded import GuardedRedis
from harness.process import ROOT
from harness.rig import Rig
from harness.waiting import PATIENCE_SEC

PARTS = """
set -Eeuo pipefail
for part in "$0"/*.sh; do source "$part"; done
redis_env=/dev/null init_capacity=no work=$1
: >$work/facts; rm -f "$work/why"
intents=quantum:stream:trade.intent signals=quantum:stream:ai.decision.made group=router
open_key=quantum:state:open_orders safe_key=quantum:safety:safe_mode
leader_key=quantum:router:leader commit_key=quantum:router:commit
trap 'cat "$work/why" >&2 2>/dev/null || true' EXIT
"""
SECRET = "p%2Fa:s@s"  # p/a:s@s


@pytest.fixture
def parts(tmp_path):
    def run(text, *words):
        command = ["bash", "-c", PARTS + text, ROOT / "deploy/deploy.d", tmp_path, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SEC)

    return run


@pytest.fixture
def guarded():
    with Rig(GuardedRedis) as rig:
        rig.redis.start()
        yield rig.redis


@pytest.mark.parametrize(
    ("url", "words", "password"),
    [
        ("unix:///run/r.sock", "-s /run/r.sock", ""),
        ("unix:///run/a@b.sock?db=3", "-s /run/a@b.sock -n 3", ""),
        (f"unix://q-r:{SECRET}@/run/r.sock", "-s /run/r.sock", "p/a:s@s"),
        (f"unix://u:{SECRET}@/run/r%20s?db=2", "-s /run/r s -n 2", "p/a:s@s"),
        ("redis://h", "-h h -p 6379", ""),
        (f"redis://u%40x:{SECRET}@h:7000/4", "-h h -p 7000 -n 4", "p/a:s@s"),
        ("redis://:x@[::1]:7000", "-h ::1 -p 7000", "x"),
    ],
)
def test_an_address_is_read_as_the_programs_do(parts, url, words, password):
    done = parts('redis_address_"$2" "${3#*://}"; echo "${redis_args[*]}"; echo "$redis_password"; echo "$redis_where"',
                 "unix" if url.startswith("unix") else "tcp", url)  # fmt: skip
    args, secret, where = done.stdout.splitlines()
    assert (args, secret) == (words, password)
    assert "s@s" not in where and SECRET not in where


def test_tls_is_refused_for_redis_cli_checks_no_name(parts):
    done = parts('(url=$2; redis_take_url) || true', f"rediss://u:{SECRET}@h:7000")
    assert "checks no name" in done.stderr and "--redis-env" in done.stderr and SECRET not in done.stderr


@pytest.mark.parametrize(
    "text",
    [
        f"Redis at unix://u:{SECRET}@/run/r.sock is away",
        "it was p/a:s@s, twice: p/a:s@s",
        f'-    url = "redis://:{SECRET}@h:1/0"; # mine',
        "process 7: redis-cli -a p/a:s@s --pass p/a:s@s",
    ],
)
def test_no_message_holds_a_password(parts, text):
    for secret in ("", "p/a:s@s"):
        if not secret and text.startswith("it"):
            continue
        done = parts('redis_password=$3; warn "$2"; (fail "$2") || true; cat "$work"/*', text, secret)
        assert done.stderr and "********" in done.stdout and "s@s" not in done.stdout + done.stderr


def ask(guarded, user, text, password=None):
    """As this user of Redis."""
    return (f"redis_where=here redis_args=(-s {guarded.socket} --user {user} --no-auth-warning) redis_user={user} "
            f"redis_password={password or guarded.passwords[user]}\n{text}")  # fmt: skip


@pytest.mark.parametrize("user", ["quantum-operator", "quantum-monitor"])
def test_they_may_ask_all_that_is_asked(parts, guarded, user):
    guarded.db.set("quantum:safety:safe_mode", 1)
    guarded.db.set("quantum:state:open_orders", 7)
    done = parts(ask(guarded, user, "redis_check_rights; host_refuse_shared_consumer 500; figures_sample"))
    assert done.returncode == 0 and done.stdout.split()[1:] == ["0", "0-0", "7", "1"], done
    assert guarded.refusals() == []


def test_only_the_operator_may_set_the_capacity_and_asking_sets_nothing(parts, guarded):
    text = "init_capacity=yes; redis_check_rights"
    assert parts(ask(guarded, "quantum-operator", text)).returncode == 0
    refused = parts(ask(guarded, "quantum-monitor", text))
    assert refused.returncode == 1 and "gives no answer to SET" in refused.stderr and "--redis-env" in refused.stderr
    assert guarded.db.dbsize() == 0


@pytest.mark.parametrize("text", ["redis_check_rights", "figures_sample", "redis_exists quantum:x", "from=$(figures_sample); echo on"])
def test_an_answer_that_cannot_be_had_ends_the_run(parts, guarded, text):
    for user, password in (("quantum-engine", None), ("quantum-operator", "wrong")):
        done = parts(ask(guarded, user, text, password))
        assert done.returncode == 1 and done.stdout == "", done
        assert f"it was asked as {user}. Name a user" in done.stderr and "--redis-env" in done.stderr
    guarded.kill()
    done = parts(ask(guarded, "quantum-operator", text))
    assert done.returncode == 1 and "Could not connect" in done.stderr


def test_counted(parts):
    assert parts("counted 1 entry entries; echo; counted 2 entry entries").stdout == "1 entry\n2 entries"


def test_a_build_stops_at_the_first_that_fails(parts, tmp_path):
    """With programs that do nothing but fail."""
    (tmp_path / "bin").mkdir()
    for name in ("meson", "ninja", "cc", "pkg-config"):
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\necho {name} was run; exit 1\n")
        (tmp_path / "bin" / name).chmod(0o755)
    (tmp_path / "tree/deploy").mkdir(parents=True)
    (tmp_path / "tree/meson.build").write_text("")
    done = parts('PATH=$work/bin:$PATH here=$work/tree/deploy; redis_ask_first() { :; }; candidate_build')
    assert done.returncode == 1 and "the build failed" in done.stderr
    assert done.stderr.count("meson was run") == 1 and "ninja" not in done.stderr
