"""quantumctl redis: Redis' own commands, where and as whom the configuration says."""

import contextlib
import json

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.names import OPEN_ORDERS, SAFE_MODE, SIGNALS
from harness.process import ROOT
from harness.sentinels import Trio


def test_each_kind_of_answer(rig):
    db = rig.db
    db.set(OPEN_ORDERS, 7)
    db.xadd(SIGNALS, {"a": "two\nlines", "b": "back\\slash"}, id="1-1")
    assert must(rig, "redis", "PING") == "PONG\n"
    assert must(rig, "redis", "get", OPEN_ORDERS) == "7\n"
    assert must(rig, "redis", "XLEN", SIGNALS) == "1\n"
    assert must(rig, "redis", "GET", "quantum:nothing") == "\n"
    assert must(rig, "redis", "XRANGE", SIGNALS, "-", "+") == "1-1\na\ntwo\\x0alines\nb\nback\\\\slash\n"
    assert must(rig, "redis", "SMEMBERS", "quantum:nothing") == ""
    assert must(rig, "redis", "INFO", "server").splitlines()[0] == "# Server"
    db.set(OPEN_ORDERS, "a\x1b[2J\r\n\nb\n")
    assert must(rig, "redis", "GET", OPEN_ORDERS) == "a\\x1b[2J\n\nb\n"
    db.set(OPEN_ORDERS, "")
    assert must(rig, "redis", "GET", OPEN_ORDERS) == "\n"


def test_as_a_document(rig):
    rig.redis.raw.hset("quantum:hash", mapping={"a": "two\nlines", "b": b"\xff"})
    assert json.loads(must(rig, "redis", "--json", "HMGET", "quantum:hash", "a", "b", "c")) == {"v": 1, "answer": ["two\nlines", "\\xff", None]}
    assert json.loads(must(rig, "redis", "EXISTS", "quantum:hash", "--json")) == {"v": 1, "answer": 1}


def test_what_may_write_is_only_said(rig):
    rig.db.set(SAFE_MODE, 1)
    said = must(rig, "redis", "DEL", SAFE_MODE)
    assert said == f"DEL {SAFE_MODE} may write, and is not asked for.\ndry run: nothing was changed; do it with --mode=live\n"
    assert rig.db.get(SAFE_MODE) == "1"
    for words in (["OBJECT", "FREQ", "k"], ["CLIENT", "KILL", "ID", "1"], ["XINFOX"], ["GETDEL", SAFE_MODE], ["XINFO"]):
        assert "dry run" in must(rig, "redis", *words)
    assert must(rig, "redis", "--mode=live", "DEL", SAFE_MODE) == "1\n"
    assert not rig.db.exists(SAFE_MODE)
    assert must(rig, "redis", "--mode=live", "--", "SET", OPEN_ORDERS, "--json") == "OK\n"


def test_what_reads_alone_writes_nothing(rig):
    """By Redis' own account of each command that is asked at once."""
    done = rig.db.execute_command("COMMAND")
    flags = {name.lower(): set(about["flags"]) for name, about in done.items()}
    source = (ROOT / "ctl/control/redis.c").read_text()
    words = source.split("reading[] = {")[1].split("};")[0].replace('"', "").replace("\n", " ").split(",")
    names = [word.split()[0].lower() for word in words if word.strip()]
    assert len(names) > 40
    assert [name for name in names if "write" in flags.get(name, ())] == []
    assert [name for name in names if name not in flags] == []


def test_what_redis_refuses(rig):
    rig.db.lpush(OPEN_ORDERS, 1)
    expect_refused(1, f"redis: Redis refuses GET {OPEN_ORDERS}: WRONGTYPE", "redis", "GET", OPEN_ORDERS, url=rig.redis.url)
    expect_refused(1, "redis: Redis refuses XINFO STREAM: ERR no such key", "redis", "XINFO", "STREAM", "quantum:nothing", url=rig.redis.url)
    expect_refused(1, "redis: Redis refuses GET: ERR wrong number", "redis", "GET", url=rig.redis.url)
    rig.redis.kill()
    expect_refused(1, "redis: Redis at .*: (No such file or directory|Connection refused)", "redis", "PING", url=rig.redis.url)


@pytest.mark.parametrize("words", [["AUTH", "x"], ["select", "1"], ["MONITOR"], ["MULTI"]])
def test_what_makes_no_sense_alone(rig, words):
    expect_refused(2, f"redis: '{words[0]}' is for a connection that stays", "redis", "--mode=live", *words, url=rig.redis.url)


def test_it_needs_a_command(rig):
    expect_refused(2, "redis: it takes COMMAND .*, and nothing was given", "redis", url=rig.redis.url)


def test_at_the_master_that_sentinels_name(tmp_path):
    with contextlib.closing(Trio(tmp_path)) as trio:
        trio.start()
        done = ctl("redis", "ROLE", url=trio.url)
        assert done.returncode == 0 and done.stdout.startswith("master\n"), done
