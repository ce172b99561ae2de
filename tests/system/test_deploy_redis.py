"""deploy/deploy.d: how deploy.sh asks Redis, and that no answer is no good answer and no message holds a password."""

import contextlib
import subprocess

import pytest

from harness.cluster import Cluster
from harness.guarded import GuardedRedis
from harness.names import GROUP, INTENTS, OPEN_ORDERS, SAFE_MODE, SIGNALS
from harness.process import ROOT
from harness.redis import RedisServer
from harness.rig import Rig
from harness.sentinels import Trio
from harness.staged import Staged
from harness.waiting import PATIENCE_SEC

PARTS = """
set -Eeuo pipefail
for part in "$0"/*.sh; do source "$part"; done
work=$1
: >$work/facts; rm -f "$work/why"
trap 'cat "$work/why" >&2 2>/dev/null || true' EXIT
"""
SECRET = "p%2Fa:s@s"  # p/a:s@s
ALL_THAT_IS_ASKED = "redis_connect; host_refuse_shared_consumer 500; figures_sample"


@pytest.fixture
def parts(tmp_path):
    def run(text, *words):
        command = ["bash", "-c", PARTS + text, ROOT / "deploy/deploy.d", tmp_path, *map(str, words)]
        return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_SEC)

    return run


@pytest.fixture
def staged(tmp_path):
    (tmp_path / "deploy").mkdir()
    return Staged(tmp_path / "deploy")


@pytest.fixture
def guarded():
    with Rig(GuardedRedis) as rig:
        rig.redis.start()
        yield rig.redis


@pytest.mark.parametrize(
    "text",
    [
        f"Redis at unix://u:{SECRET}@/run/r.sock is away",
        f'-    url = "redis://:{SECRET}@h:1/0"; # mine',
        "process 7: redis-cli -a p/a:s@s --pass p/a:s@s",
    ],
)
def test_no_message_holds_a_password(parts, text):
    done = parts('warn "$2"; (fail "$2") || true; cat "$work"/*', text)
    assert done.stderr and "********" in done.stdout and "s@s" not in done.stdout + done.stderr


# --- where it asks


def expect_answers(db, staged):
    """It sees what stands there."""
    db.set(SAFE_MODE, 1)
    db.set(OPEN_ORDERS, 7)
    done = staged.run(ALL_THAT_IS_ASKED)
    assert done.returncode == 0 and done.stdout.split()[1:] == ["0", "0-0", "7", "1"], done
    return done


@pytest.mark.parametrize("where", ["in the variables", "in the file of the password"])
def test_as_a_user_with_a_password(staged, guarded, where):
    """Neither stands anywhere that others can see, of no process at all."""
    user, password = "quantum-operator", guarded.passwords["quantum-operator"]
    if where == "in the variables":
        staged.write("router.env", f"REDIS_URL={guarded.url_for(user)}\n")
    else:
        staged.write("router.conf", f'redis : {{ url = "redis://{user}@127.0.0.1:{guarded.port}"; }};\n')
        staged.write("redis-password", password + "\n")
    done = expect_answers(guarded.db, staged)
    assert guarded.refusals() == []
    assert "quantumctl" in staged.seen.read_text() and password not in staged.shown(done)


def test_by_a_socket_and_in_its_database(staged, tmp_path):
    with contextlib.closing(RedisServer(tmp_path)) as server:
        server.start()
        staged.write("router.env", f"REDIS_URL={server.url}?db=3\n")
        with contextlib.closing(server.client(db=3)) as db:
            expect_answers(db, staged)


def test_at_the_master_that_sentinels_name(staged, tmp_path):
    with contextlib.closing(Trio(tmp_path)) as trio:
        trio.start()
        staged.write("router.env", f"REDIS_URL={trio.url}\n")
        expect_answers(trio.db, staged)


def test_at_the_node_that_has_the_names(staged, tmp_path):
    with contextlib.closing(Cluster(tmp_path, replicas=0)) as cluster:
        places = cluster.places(*cluster.others()).replace(",", '", "')
        staged.write("router.conf", f'prefix = "quantum:{{a}}:"; redis : {{ nodes = ["{places}"]; }};\n')
        cluster.db.set("quantum:{a}:state:open_orders", 7)
        done = staged.run(ALL_THAT_IS_ASKED)
        assert done.returncode == 0 and done.stdout.split()[1:] == ["0", "0-0", "7", "0"], done


def test_what_people_have_in_quantumctl_env_does_not_count(staged, guarded):
    staged.write("router.conf", 'redis : { url = "redis://127.0.0.1:1"; };\n')
    done = staged.run(ALL_THAT_IS_ASKED)
    assert done.returncode == 1 and "Redis at 127.0.0.1:1: Connection refused" in done.stderr, done
    assert "--env-file\n/dev/null\n" in staged.seen.read_text()


# --- what it may, and what it makes of a refusal


def by(staged, guarded, user, password=None):
    """From now on as this user of Redis, whom --redis-env names."""
    url = guarded.url_for(user)
    file = staged.write("mine.env", f"REDIS_URL={url.replace(guarded.passwords[user], password) if password else url}\n")
    return f"redis_env={file}; "


@pytest.mark.parametrize("user", ["quantum-operator", "quantum-monitor"])
def test_they_may_ask_all_that_is_asked(staged, guarded, user):
    guarded.db.xadd(INTENTS, {"a": "b"}, id="5-1")
    guarded.db.xgroup_create(SIGNALS, GROUP, mkstream=True)
    guarded.db.xgroup_createconsumer(SIGNALS, GROUP, "other")
    done = staged.run(by(staged, guarded, user) + ALL_THAT_IS_ASKED)
    assert done.returncode == 0 and done.stdout.split()[1:] == ["1", "5-1", "missing", "0"], done
    assert guarded.refusals() == []


def test_only_the_operator_may_set_the_capacity_and_asking_sets_nothing(staged, guarded):
    text = "init_capacity=yes; redis_connect"
    assert staged.run(by(staged, guarded, "quantum-operator") + text).returncode == 0
    refused = staged.run(by(staged, guarded, "quantum-monitor") + text)
    assert refused.returncode == 1 and f"Redis refuses SET {OPEN_ORDERS}: NOPERM" in refused.stderr and "--redis-env" in refused.stderr
    assert guarded.db.dbsize() == 0
    set_it = staged.run(by(staged, guarded, "quantum-operator") + "redis_connect; redis_init_capacity; redis_init_capacity; cat $work/facts")
    assert set_it.returncode == 0 and set_it.stdout.count("set to 0") == 1 and guarded.db.get(OPEN_ORDERS) == "0", set_it


CONNECTED = """
eval "$(declare -f redis_check_rights | sed '1 s/.*/check_rights ()/')"
redis_check_rights() { :; }
redis_connect
"""


@pytest.mark.parametrize("text", ["check_rights", "figures_sample", "redis_exists quantum:x", "from=$(figures_sample); echo on"])
def test_an_answer_that_cannot_be_had_ends_the_run(staged, guarded, text):
    for user, password in (("quantum-engine", None), ("quantum-operator", "wrong")):
        done = staged.run(by(staged, guarded, user, password) + CONNECTED + text)
        assert done.returncode == 1 and done.stdout == "", done
        assert f"it was asked as {user}. Name a user" in done.stderr and "--redis-env" in done.stderr
    guarded.kill()
    done = staged.run(by(staged, guarded, "quantum-operator") + CONNECTED + text)
    assert done.returncode == 1 and "Connection refused" in done.stderr, done


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
