"""quantumctl halt, resume and capacity: what they write and say, and what a router makes of it."""

import json
import os
import pwd
import re
import shlex
import socket
import subprocess

import pytest
import redis

from harness.ctl import ctl, expect_refused, must
from harness.process import clean_environment, program
from harness.names import COMMIT, HELD, INTENTS, OPEN_ORDERS, SAFE_MODE, SAFE_REASON
from harness.redis import free_port
from harness.status import findings, status
from harness.waiting import PATIENCE_SEC, soon

WHO = rf"{re.escape(pwd.getpwuid(os.getuid()).pw_name)}@{re.escape(socket.gethostname())}"
WHEN = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
EXECUTORS = "quantum:group:execution:trade.intent"
RELEASED = "A router in STATE_ROLLED_BACK or STATE_UNSURE, if there is one, goes on from what Redis holds now.\n"


def words_of(reason):
    return rf"{re.escape(reason)} \(halted by {WHO} at {WHEN}\)"


# --- halt and resume


def test_halt_says_who_and_why(rig):
    said = must(rig, "halt", "exchange is down")
    words = rig.db.get(SAFE_REASON)
    assert re.fullmatch(words_of("exchange is down"), words)
    assert said == (f"SAFE_MODE: {SAFE_MODE} is set → publishing nothing\nreason: '{words}'\n"
                    "Resume with: quantumctl resume\n")  # fmt: skip
    assert rig.db.get(SAFE_MODE) == "1" and rig.db.ttl(SAFE_MODE) == rig.db.ttl(SAFE_REASON) == -1


def test_the_key_is_set_alone_and_first(rig):
    with rig.redis.client().monitor() as monitor:
        must(rig, "halt", "--ttl=900", "exchange is down")
        rig.db.echo("over")
        told = list(iter(lambda: monitor.next_command()["command"], "ECHO over"))
    writes = [words for words in told if words.startswith(("SET", "MULTI", "EVAL"))]
    assert writes[0] == f"SET {SAFE_MODE} 1 NX EX 900" and writes[1].startswith(f"SET {SAFE_REASON} exchange is down (")
    assert not [words for words in told if SAFE_MODE in words and words not in writes] and len(writes) == 2
    assert 890 < rig.db.ttl(SAFE_REASON) <= 900


def test_a_reason_that_comes_second_is_told_when_it_is_there(rig):
    """A window may end between the key and its reason."""
    router = rig.start_open_router(0)
    rig.db.set(SAFE_MODE, 1)
    router.expect("SAFE_MODE: .* value='1' ttl=none$")
    rig.db.set(SAFE_REASON, "exchange is down")
    router.expect("SAFE_MODE: .* value='1' ttl=none reason='exchange is down'$", seconds=soon(2))
    rig.await_ticks()
    router.expect_count("SAFE_MODE: ", 2)


def test_a_refused_reason_is_only_told(rig):
    rig.db.execute_command("ACL", "SETUSER", "default", "resetkeys", f"~{SAFE_MODE}")
    done = ctl("halt", "exchange is down", url=rig.redis.url)
    resumed = ctl("resume", url=rig.redis.url)
    rig.db.execute_command("ACL", "SETUSER", "default", "allkeys")
    assert done.returncode == 0 and "is set → publishing nothing" in done.stdout
    assert re.fullmatch("quantumctl halt: halted, but its reason was not kept: NOPERM [^\n]*\n", done.stderr)
    assert resumed.returncode == 1 and "NOT released: Redis did not delete" in resumed.stderr  # nor its mark


def test_a_reason_of_another_type_hides_nothing(rig):
    rig.db.rpush(SAFE_REASON, "x")
    router = rig.start_open_router(0)
    must(rig, "halt", "it is overwritten")
    assert rig.db.get(SAFE_REASON).startswith("it is overwritten (")
    router.expect("SAFE_MODE: .* reason='it is overwritten")
    rig.db.delete(SAFE_REASON)
    rig.db.rpush(SAFE_REASON, "x")
    rig.must_xadd("BTCUSDT")
    router.expect("SAFE_MODE: .* value='1' ttl=none$")
    assert must(rig, "resume").startswith(f"SAFE_MODE_CLEARED: {SAFE_MODE} was '1'\n") and not rig.db.exists(SAFE_REASON)


def test_one_who_may_not_read_the_reason_is_halted_all_the_same(rig):
    keys = (f"~quantum:{name}" for name in ("stream:*", "router:*", "state:*", "dedup:*", "governor:*", "safety:safe_mode"))
    rig.db.execute_command("ACL", "SETUSER", "old", "on", ">secret", "+@all", *keys)
    must(rig, "halt", "exchange is down")
    router = rig.start_open_router(0, url=rig.redis.url.replace("unix://", "unix://old:secret@"))
    router.expect("SAFE_MODE: .* value='1' ttl=none$")
    rig.must_xadd("BTCUSDT")
    rig.expect_tally(safe_mode=1)
    must(rig, "resume")
    router.expect("SAFE_MODE_CLEARED")
    assert router.count("REDIS_LOST") == 0


def test_a_reason_needs_no_quotes(rig):
    must(rig, "halt", "exchange", "is", "down")
    assert re.fullmatch(words_of("exchange is down"), rig.db.get(SAFE_REASON))
    reason = "Börse \"weg\" \\ 'x'"
    must(rig, "halt", "--replace", reason)
    assert re.fullmatch(words_of(reason), rig.db.get(SAFE_REASON))


def test_the_reason_is_bounded(rig):
    must(rig, "halt", "x" * 200)
    assert len(rig.db.get(SAFE_REASON)) < 512
    expect_refused(2, "the reason has 201 bytes; make it 200 or fewer", "halt", "x" * 201)


def test_a_second_halt_is_refused(rig):
    must(rig, "halt", "--ttl=1000", "the first")
    before = rig.db.get(SAFE_REASON)
    said = (rf"{SAFE_MODE} is set already: '1' reason='{words_of('the first')}' and ends in \d+s; "
            "overwrite it with --replace, or release it with 'quantumctl resume'")  # fmt: skip
    expect_refused(1, said, "halt", "the second", url=rig.redis.url)
    assert rig.db.get(SAFE_REASON) == before
    said = must(rig, "halt", "--replace", "the second")
    assert re.search(rf"^replaced: '{words_of('the first')}'$", said, re.MULTILINE)
    assert rig.db.get(SAFE_REASON).startswith("the second (")
    assert rig.db.get(SAFE_MODE) == "1" and rig.db.ttl(SAFE_MODE) == rig.db.ttl(SAFE_REASON) == -1
    assert re.fullmatch(rf"SAFE_MODE_CLEARED: {SAFE_MODE} was '1' reason='{words_of('the second')}'", must(rig, "resume").split("\n")[0])
    assert not rig.db.exists(SAFE_MODE, SAFE_REASON)


def test_whatever_is_there_is_safe_mode(rig):
    rig.db.rpush(SAFE_MODE, "x")
    expect_refused(1, r"is set already: \(list\);", "halt", "why", url=rig.redis.url)
    assert must(rig, "resume") == f"SAFE_MODE_CLEARED: {SAFE_MODE} was (list)\n{RELEASED}"
    rig.db.set(SAFE_MODE, "evil\n\x1b[31m" + "x" * 10000)
    said = must(rig, "resume")
    assert "\x1b" not in said and len(said) < 1000 and r"was 'evil\x0a\x1b[31mxxx" in said


def test_resume_marks_the_commit_hash(rig):
    assert must(rig, "resume") == f"Safe mode was not set: {SAFE_MODE} is missing\n{RELEASED}"
    first = rig.db.hgetall(COMMIT)
    assert list(first) == ["resumed"] and re.fullmatch(r"[0-9a-f]{32}", first["resumed"])
    must(rig, "resume")
    assert rig.db.hget(COMMIT, "resumed") != first["resumed"]


def test_resume_says_when_the_hash_cannot_be_written(rig):
    rig.db.set(SAFE_MODE, "1")
    rig.db.set(COMMIT, "x")
    done = ctl("resume", url=rig.redis.url)
    assert done.returncode == 1 and done.stdout == f"SAFE_MODE_CLEARED: {SAFE_MODE} was '1'\n"
    assert re.fullmatch(rf"quantumctl resume: [^\n]*{COMMIT}: WRONGTYPE [^\n]*\n", done.stderr)


def fill_memory(rig):
    """From here on Redis takes nothing that needs memory."""
    rig.db.config_set("maxmemory", 1)
    with pytest.raises(redis.ResponseError, match="maxmemory"):
        rig.db.set("quantum:other", "1")


def test_where_memory_is_full_it_halts_and_resumes_all_the_same(rig):
    fill_memory(rig)
    assert f"SAFE_MODE: {SAFE_MODE} is set → publishing nothing\n" in must(rig, "halt", "--ttl=900", "the first")
    assert rig.db.get(SAFE_MODE) == "1" and 890 < rig.db.ttl(SAFE_MODE) <= 900
    assert re.fullmatch(words_of("the first"), rig.db.get(SAFE_REASON))
    expect_refused(1, "is set already: '1' reason='the first ", "halt", "the second", url=rig.redis.url)
    assert re.search(rf"^replaced: '{words_of('the first')}'$", must(rig, "halt", "--replace", "the second"), re.MULTILINE)
    assert rig.db.ttl(SAFE_MODE) == -1
    said = must(rig, "resume")
    assert said.startswith(f"SAFE_MODE_CLEARED: {SAFE_MODE} was '1' reason='the second ") and said.endswith(RELEASED)
    assert not rig.db.exists(SAFE_MODE, SAFE_REASON) and list(rig.db.hgetall(COMMIT)) == ["resumed"]


def test_where_memory_is_full_the_capacity_is_set_all_the_same(rig):
    fill_memory(rig)
    assert must(rig, "capacity", "set", "4") == f"{OPEN_ORDERS}: missing → '4'\n"
    assert must(rig, "capacity", "set", "0") == f"{OPEN_ORDERS}: '4' → '0'\n"
    assert must(rig, "capacity", "show").startswith(f"{OPEN_ORDERS}: '0'\n")


def url_without_scripts(rig):
    rig.db.execute_command("ACL", "SETUSER", "plain", "on", ">secret", "allkeys", "+@all", "-@scripting")
    return rig.redis.url.replace("unix://", "unix://plain:secret@")


def test_without_a_right_to_scripts(rig):
    url = url_without_scripts(rig)
    assert ctl("halt", "exchange is down", url=url).returncode == 0
    assert rig.db.get(SAFE_MODE) == "1" and re.fullmatch(words_of("exchange is down"), rig.db.get(SAFE_REASON))
    assert ctl("resume", url=url).returncode == ctl("capacity", "set", "1", url=url).returncode == 0
    assert not rig.db.exists(SAFE_MODE, SAFE_REASON) and rig.db.get(OPEN_ORDERS) == "1"


def test_what_redis_refuses_is_not_done_by_halves(rig):
    url = url_without_scripts(rig)
    rig.db.set(SAFE_MODE, "1")
    fill_memory(rig)
    expect_refused(1, "NOT halted: .*OOM", "halt", "--replace", "why", url=url)
    expect_refused(1, "NOT released: .*OOM", "resume", url=url)
    expect_refused(1, "did not set .*OOM", "capacity", "set", "1", url=url)
    rig.db.config_set("maxmemory", 0)
    assert rig.db.get(SAFE_MODE) == "1" and not rig.db.exists(COMMIT, OPEN_ORDERS)


# --- with a router


def test_a_router_halts_and_resumes(rig):
    router = rig.start_open_router(0)
    must(rig, "halt", "exchange is down")
    router.expect(rf"SAFE_MODE: {SAFE_MODE} is set → publishing nothing "
                  rf"value='1' ttl=none reason='{words_of('exchange is down')}'$")  # fmt: skip
    rig.must_xadd("BTCUSDT")
    rig.expect_tally(safe_mode=1)
    rig.expect_no_intent()
    must(rig, "resume")
    router.expect("SAFE_MODE_CLEARED")
    rig.must_xadd("ETHUSDT")
    rig.expect_intent("ETHUSDT")
    rig.expect_drained()


MODE = "quantum:system:mode"
ALSO = f'safety = {{ also = [ "{MODE}=LOCKDOWN", "stop:everything" ]; }};\n'


def with_also(rig):
    (rig.folder / "also.conf").write_text(ALSO)
    return f"--config={rig.folder / 'also.conf'}"


def test_a_neighbours_key_halts(rig):
    router = rig.start_open_router(0, conf=ALSO)
    rig.db.set(MODE, "NORMAL")
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")
    rig.db.set(MODE, "LOCKDOWN")
    router.expect(rf"⛔ SAFE_MODE: {MODE} is set → publishing nothing value='LOCKDOWN' ttl=none$")
    rig.must_xadd("ETHUSDT")
    rig.expect_tally(published=1, safe_mode=1)
    rig.db.rpush("stop:everything", "why")
    rig.db.delete(MODE)
    router.expect(r"SAFE_MODE: stop:everything is set → publishing nothing value='\(list\)' ttl=none$")
    document = json.loads(ctl(with_also(rig), "status", "--json", "--sample=0", url=rig.redis.url).stdout)
    assert document["safe_mode"]["key"] == "stop:everything" and document["capacity"]["allowed_in_a_cycle"] == 0
    assert findings(document, "critical") == ["SAFE_MODE: stop:everything is set: '(list)'"]
    rig.db.delete("stop:everything")
    router.expect("SAFE_MODE_CLEARED")
    rig.must_xadd("SOLUSDT")
    rig.expect_intent("SOLUSDT")


def test_resume_names_what_still_halts(rig):
    router = rig.start_open_router(0, conf=ALSO)
    must(rig, "halt", "exchange is down")
    router.expect(rf"SAFE_MODE: {SAFE_MODE} is set .* reason=")
    rig.db.set(MODE, "LOCKDOWN", ex=900)
    said = must(rig, with_also(rig), "resume")
    assert said.splitlines()[2:] == [f"STILL HALTED: {MODE}=LOCKDOWN is set → publishing nothing (safety.also); the one who set it releases it"]
    router.expect(rf"SAFE_MODE: {MODE} is set → publishing nothing value='LOCKDOWN' ttl=\d+s$")
    rig.db.set(MODE, "LOCKDOWN2")
    router.expect("SAFE_MODE_CLEARED")
    assert "STILL" not in must(rig, with_also(rig), "resume")
    rig.db.lpush("stop:everything", "x")
    assert "STILL HALTED: stop:everything is set" in must(rig, with_also(rig), "resume")


@pytest.mark.parametrize("also, said", [
    ("=LOCKDOWN", "names '=LOCKDOWN', whose key is not of 1 to 200 bytes"),
    ("k" * 201, "whose key is not of 1 to 200 bytes"),
    ("mode=", "names 'mode=' without a value; leave the '=' out, and it halts while it exists"),
    (",".join("abcdefghi"), r"safety\.also = 9 names is out of range \(at most 8 names\)"),
])  # fmt: skip
@pytest.mark.parametrize("service", ["quantum-router", "quantum-executor"])
def test_what_cannot_halt_is_refused(service, also, said):
    done = subprocess.run([*program(service), f"--safety.also={also}", "--check-config"], capture_output=True, text=True, env=clean_environment())
    assert done.returncode == 2 and re.search(said, done.stderr), done


def test_a_long_reason_is_cut_where_it_shows(rig):
    router, executor = rig.start_open_router(0), rig.start_paper()
    reason = "why " * 50
    must(rig, "halt", reason)
    router.expect(rf"SAFE_MODE: .* reason='{words_of(reason)}'$")
    executor.expect(rf"SAFE_MODE: {SAFE_MODE} is set → opening nothing value='1' reason='{words_of(reason)}'$")
    document, _ = status(rig)
    assert findings(document, "critical") == [f"SAFE_MODE is set: '{rig.db.get(SAFE_REASON)}'"]
    assert document["safe_mode"]["reason"] == rig.db.get(SAFE_REASON)
    rig.db.set(SAFE_REASON, "y" * 2000)
    assert re.fullmatch("y{400,}…", status(rig)[0]["safe_mode"]["reason"])
    rig.db.set(SAFE_MODE, "y" * 2000)
    assert re.fullmatch("y{400,}…", status(rig)[0]["safe_mode"]["value"])


def test_a_halt_runs_out_by_itself(rig):
    router = rig.start_open_router(0)
    said = must(rig, "halt", "--ttl=1", "a moment")
    assert "It ends by itself in 1s.\n" in said and 0 < rig.db.pttl(SAFE_MODE) <= 1000
    router.expect(r"SAFE_MODE: .* value='1' ttl=[01]s reason='a moment \(halted by .*'$")
    router.expect("SAFE_MODE_CLEARED")
    assert not rig.db.exists(SAFE_MODE)
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")


def test_resume_while_a_router_publishes(rig):
    """The mark beside its fence does not disturb it."""
    router = rig.start_open_router(0)
    for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT"):
        must(rig, "resume")
        rig.must_xadd(symbol)
        rig.expect_intent(symbol)
    assert router.count("COMMIT_|REDIS_LOST|STATE_") == 0


def test_a_router_goes_on_after_an_older_state(rig):
    router = rig.start_open_router(0)
    rig.must_xadd("BTCUSDT")
    rig.expect_intent("BTCUSDT")
    rig.expect_drained()
    rig.db.hset(COMMIT, "seq", 0)
    rig.db.client_kill_filter(_type="normal", skipme=True)
    router.expect("STATE_ROLLED_BACK seq=0 expected=[1-9]")
    rig.must_xadd("ETHUSDT")
    rig.expect_drained()
    rig.expect_no_intent()
    must(rig, "resume")
    router.expect("STATE_RESUMED")
    rig.must_xadd("SOLUSDT")
    rig.expect_intent("SOLUSDT")


# --- capacity

MISSING = f"CAPACITY_UNKNOWN: {OPEN_ORDERS} missing → fail-closed"
STATES = [
    (None, "missing", MISSING, "0"),
    ("abc", "'abc'", f"CAPACITY_UNPARSEABLE: {OPEN_ORDERS}='abc' → fail-closed", "0"),
    ("007", "'007'", f"CAPACITY_UNPARSEABLE: {OPEN_ORDERS}='007' → fail-closed", "0"),
    ("1", "'1'", "CAPACITY_OK open=1 target=3 allowed=2", "2"),
    ("2", "'2'", "CAPACITY_OK open=2 target=3 allowed=1", "1"),
    ("3", "'3'", "TARGET_REACHED open=3 target=3 (awaiting super-signal)", "2, of confidence 0.9 and above"),
    ("9", "'9'", "TARGET_REACHED open=9 target=3 (awaiting super-signal)", "1, of confidence 0.9 and above"),
    ("10", "'10'", "CAPACITY_FULL open=10 max=10", "0"),
]


def told(value, *lines, allowed):
    said = [f"{OPEN_ORDERS}: {value}", *lines, f"Allowed in a cycle now: {allowed}"]
    return "".join(f"{line}\n" for line in said)


@pytest.mark.parametrize("value, shown, state, allowed", STATES, ids=lambda value: str(value)[:12])
def test_capacity_show(rig, value, shown, state, allowed):
    rig.set_open(value)
    assert must(rig, "capacity", "show") == told(shown, state, allowed=allowed)


def test_capacity_says_what_the_router_says(rig):
    router = rig.start_open_router(0)
    for value, _, state, _ in STATES[1:]:
        rig.set_open(value)
        router.expect(re.escape(state))


def test_capacity_of_another_type(rig):
    rig.db.rpush(OPEN_ORDERS, "1")
    state = f"CAPACITY_UNPARSEABLE: {OPEN_ORDERS}='(list)' → fail-closed"
    assert must(rig, "capacity", "show") == told("(list)", state, allowed=0)
    assert must(rig, "capacity", "set", "1") == f"{OPEN_ORDERS}: (list) → '1'\n"


def test_capacity_takes_the_routers_settings(rig):
    rig.set_open(3)
    said = must(rig, "--capacity.target_open=5", "--capacity.max_new_per_cycle=9", "capacity", "show")
    assert said == told("'3'", "CAPACITY_OK open=3 target=5 allowed=2", allowed=2)
    said = must(rig, "--prefix=other:", "capacity", "show")
    assert said.startswith("other:state:open_orders: missing\n")


def test_capacity_goes_by_what_is_held_where_that_closes(rig):
    rig.set_open(1)
    show = ("--positions.unknown=close", "capacity", "show")
    closed = f"POSITIONS_UNKNOWN key={HELD} → publishing nothing until it is known"
    assert must(rig, *show) == told("'1'", "CAPACITY_OK open=1 target=3 allowed=0", closed, allowed=0)
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    assert must(rig, *show) == told("'1'", "CAPACITY_OK open=1 target=3 allowed=2", allowed=2)


def test_capacity_counts_the_intents_of_the_minute(rig):
    rig.set_open(1)
    now_ms = rig.db.time()[0] * 1000
    rig.db.hset(COMMIT, "minute", f"{now_ms - 70000}:9 {now_ms}:2")
    limit = "PACE_LIMIT published=2 max=3 allowed=1"
    said = must(rig, "--governor.max_per_minute=3", "capacity", "show")
    assert said == told("'1'", "CAPACITY_OK open=1 target=3 allowed=1", limit, allowed=1)


def test_capacity_counts_intents_in_flight(rig):
    rig.set_open(1)
    rig.db.xgroup_create(INTENTS, EXECUTORS, "0", mkstream=True)
    rig.db.xgroup_createconsumer(INTENTS, EXECUTORS, "e")
    rig.db.xadd(INTENTS, {"payload": "{}"})
    state = "CAPACITY_OK open=1 target=3 allowed=1 inflight=1"
    assert must(rig, "capacity", "show") == told("'1'", state, allowed=1)
    rig.db.xreadgroup(EXECUTORS, "e", {INTENTS: ">"})
    assert must(rig, "capacity", "show") == told("'1'", state, allowed=1)
    state = f"CAPACITY_UNKNOWN: group nobody missing on {INTENTS} → fail-closed"
    said = must(rig, "--capacity.inflight_group=nobody", "capacity", "show")
    assert said == told("'1'", state, allowed=0)
    said = must(rig, "--capacity.inflight_group=", "capacity", "show")
    assert said == told("'1'", "CAPACITY_OK open=1 target=3 allowed=2", allowed=2)
    rig.db.delete(INTENTS)
    rig.db.set(INTENTS, "x")
    expect_refused(1, "the capacity cannot be read: WRONGTYPE", "capacity", "show", url=rig.redis.url)


def test_capacity_tells_what_holds_back(rig):
    rig.start_open_router(0)
    for symbol in ("BTCUSDT", "ETHUSDT"):
        rig.must_xadd(symbol)
        rig.expect_intent(symbol)
    flags = ("--capacity.suspect_after=2", "--governor.max_daily_trades=3")
    suspect = "CAPACITY_SUSPECT open=0 published_since_change=2"
    limit = "DAILY_LIMIT trades=2 max=3 allowed=1"
    said = must(rig, *flags, "capacity", "show")
    assert said == told("'0'", "CAPACITY_OK open=0 target=3 allowed=1", suspect, limit, allowed=1)
    said = must(rig, flags[0], "--capacity.suspect=close", "capacity", "show")
    suspect += " → publishing nothing until it changes"
    assert said == told("'0'", "CAPACITY_OK open=0 target=3 allowed=0", suspect, allowed=0)


def test_capacity_in_safe_mode(rig):
    rig.set_open(1)
    rig.db.set(SAFE_MODE, "\x1b[31m", ex=900)
    safe = rf"SAFE_MODE: {SAFE_MODE} is set → publishing nothing value='\x1b[31m' ttl="
    for ttl in (r"(900|8\d\d)s", "none"):
        lines = told("'1'", "CAPACITY_OK open=1 target=3 allowed=2", f"{safe}@ttl@", allowed=0)
        assert re.fullmatch(re.escape(lines).replace("@ttl@", ttl), must(rig, "capacity", "show"))
        rig.db.persist(SAFE_MODE)


def test_capacity_set(rig):
    assert must(rig, "capacity", "set", "4") == f"{OPEN_ORDERS}: missing → '4'\n"
    assert must(rig, "capacity", "set", "0") == f"{OPEN_ORDERS}: '4' → '0'\n"
    assert rig.db.get(OPEN_ORDERS) == "0"
    rig.db.expire(OPEN_ORDERS, 1000)
    said = must(rig, "capacity", "set", "1")
    assert re.fullmatch(rf"{OPEN_ORDERS}: '0' → '1'\nIt would have ended in \d+s; [^\n]*\n", said)
    assert rig.db.ttl(OPEN_ORDERS) == -1


# --- how they are used

WRONG = [
    (("halt",), "it takes REASON"),
    (("halt", ""), "the reason is empty"),
    (("halt", " ", " "), "the reason is empty"),
    (("halt", "a\nb"), r"the reason 'a\x0ab' has control characters"),
    (("halt", "a\x1b[0m"), "has control characters"),
    (("halt", "a\u202eb"), "has control characters"),
    (("halt", "\udcff"), "is not UTF-8"),
    (("halt", "--ttl=0", "why"), "--ttl=0 would end at once; it is 1 to 31536000"),
    (("halt", "--ttl=-1", "why"), "out of range"),
    (("halt", "--ttl=31536001", "why"), "out of range"),
    (("halt", "--ttl=soon", "why"), "is not an integer"),
    (("halt", "--ttl"), "--ttl needs a value"),
    (("halt", "--tll=5", "why"), "did you mean --ttl"),
    (("halts", "why"), "did you mean 'halt'"),
    (("resume", "now"), "'now' is not expected here"),
    (("resume", "--force"), "--force is not an option"),
    (("capacity",), "it takes show | set N"),
    (("capacity", "get"), "'get' is neither show, set nor follow"),
    (("capacity", "show", "3"), "'3' is not expected here: show takes nothing"),
    (("capacity", "set"), "a count is missing: quantumctl capacity set N"),
    (("capacity", "set", "1", "2"), "'2' is not expected here"),
    (("capacity", "set", "-1"), "'-1' is no count"),
    (("capacity", "set", "1.5"), "'1.5' is no count"),
    (("capacity", "set", "01"), "'01' is no count"),
    (("capacity", "set", "+1"), "'+1' is no count"),
    (("capacity", "set", ""), "'' is no count"),
    (("capacity", "set", "9223372036854775808"), "is no count"),
]
COMMANDS = [("halt", "why"), ("resume",), ("capacity", "show"), ("capacity", "set", "1")]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(words, said):
    expect_refused(2, re.escape(said), *words)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_redis_is_away(words):
    port = free_port()
    said = rf"Redis at 127\.0\.0\.1:{port}: Connection refused; start it, or name another"
    expect_refused(1, said, *words, url=f"redis://127.0.0.1:{port}")


def suggested(said, begins):
    """The words of a command that a message names."""
    return shlex.split(next(re.finditer(rf"{begins} [^(\n]*", said)).group())


@pytest.mark.parametrize("broken", ["window: {\n", "widnow: { seconds = 5; }\n", "window: { seconds = -5.0; }\n"])
def test_a_broken_file_does_not_stop_a_halt_for_long(rig, tmp_path, broken):
    """Both ways that it names do what they say."""
    config = tmp_path / "router.conf"
    config.write_text(broken)
    done = ctl(f"--config={config}", "halt", "why", url=rig.redis.url)
    assert (done.returncode, done.stdout) == (2, "") and not rig.db.exists(SAFE_MODE)
    assert re.search(r"^quantumctl halt: NOT halted: the configuration is refused", done.stderr, re.MULTILINE)
    without = suggested(done.stderr, "quantumctl --config=/dev/null")[1:]
    must(rig, *[word.replace("REASON...", "no file") for word in without])
    assert rig.db.get(SAFE_REASON).startswith("no file (")
    rig.db.delete(SAFE_MODE)
    by_hand = suggested(done.stderr, "redis-cli")
    subprocess.run(by_hand, check=True, timeout=PATIENCE_SEC)
    assert rig.db.get(SAFE_MODE) == "1"
    done = ctl(f"--config={config}", "resume", url=rig.redis.url)
    assert done.returncode == 2 and "NOT released" in done.stderr and rig.db.exists(SAFE_MODE)
    subprocess.run(suggested(done.stderr, "redis-cli"), check=True, timeout=PATIENCE_SEC)
    assert not rig.db.exists(SAFE_MODE)


def test_what_else_is_wrong_in_front_of_a_halt(rig):
    """Without a file, leaving it out is no way."""
    done = ctl("--config=/dev/null", "--redis.url=nonsense", "--prefix=a:", "halt", "why")
    assert done.returncode == 2 and "NOT halted" in done.stderr and "leave the file out" not in done.stderr
    assert "redis-cli -h HOST -p PORT SET a:safety:safe_mode 1\n" in done.stderr
    done = ctl("--config=/nowhere/x.conf", "capacity", "show", url=rig.redis.url)
    assert done.returncode == 2 and done.stderr.count("\n") == 1


LOCKED = [
    ("", r"NOAUTH Authentication required; give a password with redis\.password_file"),
    (":wrong@", r"WRONGPASS [^;]*[^.;]; correct the password"),
    ("nobody:secret@", r"NOPERM [^;]*[^.;]; name a user who may"),
]


@pytest.mark.parametrize("login, said", LOCKED, ids=["none", "wrong", "may not"])
def test_redis_does_not_let_in(rig, login, said):
    port = free_port()
    rig.db.config_set("bind", "127.0.0.1")
    rig.db.config_set("port", port)
    rig.db.execute_command("ACL", "SETUSER", "nobody", "on", ">secret", "nocommands")
    rig.db.config_set("requirepass", "secret")
    done = ctl("halt", "why", url=f"redis://{login}127.0.0.1:{port}")
    rig.db.config_set("requirepass", "")
    assert done.returncode == 1
    assert re.fullmatch(rf"quantumctl halt: NOT halted: Redis at 127\.0\.0\.1:{port}: {said}[^\n]*\n", done.stderr), done


@pytest.mark.parametrize("command", ["halt", "resume", "capacity"])
def test_help(command):
    assert re.search(rf"^  {command} ", ctl("--help").stdout, re.MULTILINE)
    own = ctl("--config=/nowhere/x.conf", command, "--help")
    assert (own.returncode, own.stderr) == (0, "")
    assert own.stdout.startswith(f"Usage: quantumctl [OPTION]... {command}")
    assert f"\n  quantumctl {command}" in own.stdout and "\n\n\n" not in own.stdout
    assert max(map(len, own.stdout.splitlines())) <= 100
