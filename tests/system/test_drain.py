"""quantumctl drain: its filters, what it says, what it writes, and how it is used."""

import json
import re

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.drain import AUDIT, DAY_MS, FAST, actions, aged, audit, counted, drain, make_group, must_say, settled
from harness.executor import iso
from harness.names import DEAD_LETTERS, EXECUTORS, INTENTS
from harness.redis import free_port

HOUR_MS = 3_600_000
OUT = "quantum:stream:out"


def mixed(rig):
    """One entry of each fate, in the order of the filters, in all wire forms; returns their ids by name."""
    make_group(rig)
    now = rig.now_ms()
    old = iso(now - 5 * DAY_MS)
    entries = {
        "old": aged(rig, 5 * DAY_MS),
        "old_flat": {"symbol": "BTCUSDT", "confidence": "0.9", "timestamp": old},
        "old_data": aged(rig, 5 * DAY_MS, form="data"),
        "beside": {**aged(rig, 0), "timestamp": old},
        "zone": aged(rig, 0, timestamp=iso(now - 26 * HOUR_MS).replace("Z", "-03:00")),
        "symbol": aged(rig, 0, "DOGEUSDT"),
        "confidence": aged(rig, 0, "ETHUSDT", 0.42),
        "least": aged(rig, 0, "ETHUSDT", 0.6),
        "invalid": aged(rig, 0, symbol=None),
        "not_json": {"payload": "{"},
        "no_confidence": aged(rig, 0, confidence=None),
        "old_invalid": aged(rig, 5 * DAY_MS, symbol=None, confidence=None),
        "bare": {"symbol": "ethusdt", "confidence": "0.75"},
        "no_size": {"payload": json.dumps({"symbol": "BTCUSDT", "confidence": 1})},
    }
    return dict(zip(entries, rig.must_intend(*entries.values())))


FATES = {
    "old": "dropped_old", "old_flat": "dropped_old", "old_data": "dropped_old", "old_invalid": "dropped_old",
    "beside": "drained_ok", "zone": "drained_ok", "least": "drained_ok", "bare": "drained_ok", "no_size": "drained_ok",
    "symbol": "dropped_not_allowlisted", "confidence": "dropped_low_conf",
    "invalid": "dropped_invalid", "not_json": "dropped_invalid", "no_confidence": "dropped_invalid",
}  # fmt: skip
ALLOWED = "--symbols=BTCUSDT,ethusdt"


def world(rig):
    """Everything Redis holds, by value, and each group's books."""
    keys = sorted(rig.raw_keys())
    groups = rig.db.xinfo_groups(INTENTS)
    consumers = [rig.db.xinfo_consumers(INTENTS, group["name"]) for group in groups]
    return keys, groups, [[c["name"] for c in names] for names in consumers]


@pytest.fixture
def filled(rig):
    rig.raw_keys = lambda: [(key, rig.redis.raw.dump(key)) for key in rig.redis.raw.keys()]
    return rig


def test_every_fate_live(rig):
    ids = mixed(rig)
    report = drain(rig, *FAST, ALLOWED)
    assert actions(rig) == {ids[name]: fate for name, fate in FATES.items()}
    assert (report["total_processed"], report["executed"], report["errors"]) == (14, 5, 0)
    assert (report["filtered_age"], report["filtered_symbol"], report["filtered_confidence"]) == (4, 1, 1)
    assert (report["filtered_invalid"], report["lag_before"], report["lag_after"]) == (3, 14, 0)
    assert settled(rig) == (0, 0) and rig.db.xlen(INTENTS) == 14
    assert rig.db.xinfo_consumers(INTENTS, EXECUTORS) == []
    line = next(line for line in audit(rig) if line["original_id"] == ids["confidence"])
    assert list(line) == ["original_id", "symbol", "age_sec", "confidence", "action", "drained_at_ts", "run_id"]
    assert (line["symbol"], line["confidence"], line["run_id"]) == ("ETHUSDT", "0.42", report["run_id"])
    assert 0 <= float(line["age_sec"]) < 60
    reasons = {dead_letter["intent_id"]: dead_letter["reason"] for dead_letter in rig.dead_letters()}
    assert reasons == {ids["invalid"]: "symbol", ids["not_json"]: "not_json", ids["no_confidence"]: "confidence"}
    assert report["dead_letters"] == 3


def test_a_dry_run_says_the_same_and_writes_nothing(filled):
    mixed(filled)
    before = world(filled)
    dry = drain(filled, ALLOWED, "--histogram=false")
    done = ctl("drain", ALLOWED, "--histogram", "-v", url=filled.redis.url)
    assert done.returncode == 0 and world(filled) == before
    live = drain(filled, *FAST, ALLOWED)
    names = [name for name in dry if name.startswith(("total", "filtered", "executed", "errors", "dead"))]
    assert {n: dry[n] for n in names} == {n: live[n] for n in names}
    assert f"\nDead letters: 3 would be written to {DEAD_LETTERS} (quantumctl dlq list).\n" in done.stdout
    assert counted(done.stdout)["Executed"] == 5 and "The backlog by confidence:" in done.stdout


def test_the_words(rig):
    ids = mixed(rig)
    done = ctl("drain", ALLOWED, "-v", url=rig.redis.url)
    said = done.stderr.splitlines()
    assert said[0] == "[BACKLOG_DRAIN] Stream length: 14 events" and "Starting drain process..." in said
    assert f"Filtered {ids['old']}: too_old (120.0h)" in said
    assert f"Filtered {ids['symbol']}: not_allowlisted" in said
    assert f"Filtered {ids['confidence']}: low_confidence (0.42)" in said
    assert f"Filtered {ids['not_json']}: invalid (not_json)" in said
    assert "[DRY-RUN] Would process: BTCUSDT BUY (conf=0.75, source=unknown)" in said
    assert "FINAL DRAIN REPORT" in done.stdout and "A live run would take about" in done.stdout
    assert counted(done.stdout) == {
        "Total processed": 14, "Filtered (age)": 4, "Filtered (symbol)": 1, "Filtered (confidence)": 1,
        "Filtered (invalid)": 3, "Executed": 5, "Errors": 0,
    }  # fmt: skip


def test_side_and_source_as_the_entry_has_them(rig):
    make_group(rig)
    rig.must_intend(aged(rig, 0, action="long", source="ensemble"))
    done = ctl("drain", url=rig.redis.url)
    assert "[DRY-RUN] Would process: BTCUSDT LONG (conf=0.75, source=ensemble)" in done.stderr.splitlines()


def test_only_a_sample_of_lines_unless_told(rig):
    make_group(rig)
    rig.must_intend(*[aged(rig, 5 * DAY_MS) for _ in range(60)])
    for flags, lines in (((), 6), (("-v",), 60), (("--verbose",), 60)):
        assert drain(rig, *flags)["stderr"].count("too_old") == lines


def test_live_says_that_the_stream_keeps_its_length(rig):
    mixed(rig)
    said = must_say(rig, *FAST)
    assert "the group's lag falls, the stream's length does not" in said
    assert re.search(r"Stream length: +14 → 14\nGroup lag: +14 → 0\nGroup pending: +0 → 0\n", said)
    assert f"\nDead letters: 3 were written to {DEAD_LETTERS} (quantumctl dlq list).\n" in said


def test_ages_in_hours_and_minutes(rig):
    make_group(rig)
    rig.must_intend(*[aged(rig, minutes * 60_000) for minutes in (1, 50, 70, 200)])
    for flag, dropped in (("--max-age-hours=1", 2), ("--max-age-min=60", 2), ("--max-age-min=0.5", 4), ("--max-age-hours=4", 0)):
        assert drain(rig, flag)["filtered_age"] == dropped, flag


def test_the_defaults_are_a_day_and_three_fifths(rig):
    make_group(rig)
    rig.must_intend(aged(rig, DAY_MS - 60_000), aged(rig, DAY_MS + 60_000), aged(rig, 0, confidence=0.599), aged(rig, 0, confidence=0.6))
    report = drain(rig)
    assert (report["filtered_age"], report["filtered_confidence"], report["executed"]) == (1, 1, 2)


def test_without_a_timestamp_the_id_tells_the_age(rig):
    make_group(rig)
    rig.must_intend_at(rig.now_ms() - 2 * DAY_MS, {"symbol": "BTCUSDT", "confidence": "0.9"},
                       {"symbol": "BTCUSDT", "confidence": "0.9", "timestamp": "yesterday"})  # fmt: skip
    assert drain(rig)["filtered_age"] == 2


@pytest.mark.parametrize("flag", ["--symbols=@{file}", "--allowlist=@{file}", "--symbols=@redis:quantum:majors", "--symbols=SOLUSDT,@redis:quantum:majors"])
def test_allowlists(rig, flag):
    make_group(rig)
    rig.must_intend(*[aged(rig, 0, symbol) for symbol in ("BTCUSDT", "ETHUSDT", "DOGEUSDT")])
    file = rig.folder / "majors"
    file.write_text("# the big ones\nbtcusdt, ETHUSDT\n\nSOLUSDT  # new\n")
    rig.db.sadd("quantum:majors", "BTCUSDT", "ETHUSDT")
    report = drain(rig, flag.format(file=file))
    assert (report["executed"], report["filtered_symbol"]) == (2, 1)


def test_an_allowlist_that_is_none(rig):
    make_group(rig)
    expect_refused(1, "the set quantum:majors is empty or not there", "drain", "--symbols=@redis:quantum:majors", url=rig.redis.url)
    rig.db.sadd("quantum:majors", "B T C")
    expect_refused(1, "a member that is no symbol", "drain", "--symbols=@redis:quantum:majors", url=rig.redis.url)
    file = rig.folder / "majors"
    file.write_text("BTCUSDT\nE!\n")
    expect_refused(2, r"majors:2: 'E!' is no symbol", "drain", f"--symbols=@{file}", url=rig.redis.url)
    file.write_text("# none\n")
    expect_refused(2, "majors has no symbols", "drain", f"--symbols=@{file}", url=rig.redis.url)


def test_max_events(rig):
    make_group(rig)
    rig.must_intend(*[aged(rig, 0) for _ in range(10)])
    assert drain(rig, "--max-events=4")["total_processed"] == 4
    assert drain(rig, *FAST, "--max-events=4")["total_processed"] == 4
    assert settled(rig) == (0, 6) and len(actions(rig)) == 4
    assert drain(rig, *FAST)["total_processed"] == 6


def test_a_lag_that_redis_does_not_know(rig):
    """An entry ahead of the group was deleted; with nothing given to it yet the ids tell all the same."""
    make_group(rig)
    ids = rig.must_intend(*[aged(rig, 0) for _ in range(6)])
    rig.db.xdel(INTENTS, ids[3])
    assert drain(rig)["lag_before"] == 5
    rig.db.xgroup_setid(INTENTS, EXECUTORS, ids[0])
    report = drain(rig, *FAST)
    assert (report["lag_before"], report["lag_after"], report["total_processed"]) == (None, 0, 4)


def test_other_names(rig):
    rig.db.xgroup_create("s", "g", id="0", mkstream=True)
    rig.db.xadd("s", aged(rig, 0))
    report = drain(rig, *FAST, "--stream=s", "--consumer-group=g", "--audit-stream=a", "--consumer-name=me", "--run-id=r1")
    assert report["run_id"] == "r1"
    assert [fields["run_id"] for _, fields in rig.db.xrange("a")] == ["r1"]


def test_it_says_that_nothing_was_traded(rig):
    """"Executed" is the word of the contract, and sounds like it."""
    make_group(rig)
    rig.must_intend(aged(rig, HOUR_MS, "AAAUSDT"))
    dry = must_say(rig)
    assert "would be audited and ACKed only; nothing was traded.\n" in dry
    assert f"republished to {OUT}; nothing was traded.\n" in must_say(rig, f"--forward={OUT}")
    assert "were audited and ACKed only; nothing was traded.\n" in must_say(rig, *FAST)


def test_forward_keeps_everything_and_the_time(rig):
    make_group(rig)
    now = rig.now_ms()
    ids = rig.must_intend(
        aged(rig, HOUR_MS, "AAAUSDT", decision_id="d-1", beside={"source": "x", "timestamp": "2020-01-01T00:00:00Z"}),
        {"payload": json.dumps({"symbol": "BBBUSDT", "confidence": 0.1 + 0.6})},
        {"symbol": "CCCUSDT", "confidence": "0.9", "replay_of": "1-1", "correlation_id": "c-9"},
        aged(rig, 5 * DAY_MS),
    )
    said = must_say(rig, *FAST, f"--forward={OUT}")
    assert f"ACKed and republished to {OUT}; nothing was traded here." in said
    (_, first), (_, second), (_, third) = rig.db.xrange(OUT)
    assert [first["replay_of"], second["replay_of"], third["replay_of"]] == ids[:3]
    original = rig.db.xrange(INTENTS, ids[0], ids[0])[0][1]
    assert first == original | {"replay_of": ids[0]}
    born = iso(int(ids[1].split("-")[0]))
    assert json.loads(second["payload"]) == {"symbol": "BBBUSDT", "confidence": 0.7, "timestamp": born}
    assert second["trace_id"] == ids[1] and third["timestamp"] == iso(int(ids[2].split("-")[0]))
    assert third["correlation_id"] == "c-9" and "trace_id" not in third
    assert now - 10_000 < int(ids[2].split("-")[0]) and len(actions(rig)) == 4


def test_an_executor_takes_what_was_forwarded(rig):
    make_group(rig)
    [id] = rig.must_intend(aged(rig, 60_000, action="BUY"))
    rig.db.xgroup_create(OUT, "g", id="0", mkstream=True)
    drain(rig, *FAST, f"--forward={OUT}")
    rig.start_executor(f"--keys.intents={OUT}", "--keys.group=g")
    result = rig.expect_result("would_execute", symbol="BTCUSDT")
    assert result["decision_id"] == id


def test_from_start_has_a_group_of_its_own(rig):
    make_group(rig)
    rig.must_intend(*[aged(rig, 0) for _ in range(5)])
    rig.db.xreadgroup(EXECUTORS, "executor", {INTENTS: ">"})
    before = rig.executors_group()
    assert drain(rig, "--from-start")["total_processed"] == 5
    report = drain(rig, *FAST, "--from-start", "--max-events=2")
    own = f"quantum:group:drain:{report['run_id']}"
    assert settled(rig, own) == (0, 3)
    again = drain(rig, *FAST, "--from-start", f"--run-id={report['run_id']}")
    assert again["total_processed"] == 3 and len(actions(rig)) == 5
    assert rig.executors_group() == before
    assert [group["name"] for group in rig.db.xinfo_groups(INTENTS)] == [EXECUTORS]
    expect_refused(1, "that run has ended", "drain", "--from-start", f"--run-id={report['run_id']}", url=rig.redis.url)


def test_summary(rig):
    ids = mixed(rig)
    drain(rig, *FAST, ALLOWED, "--run-id=first", "--max-events=4")
    drain(rig, *FAST, ALLOWED, "--run-id=second")
    rig.db.xadd(AUDIT, {"original_id": "1-1", "action": "odd"})
    rows = [line.split() for line in must(rig, "drain", "--summary").splitlines()]
    for row in ("first drained_ok 1", "first dropped_old 3", "first all 4", "second dropped_not_allowlisted 1", "(none) (others) 1",
                "second dropped_low_conf 1", "second dropped_invalid 3", "all dropped_old 4", "all all 15"):  # fmt: skip
        assert row.split() in rows, rows
    summed = json.loads(must(rig, "drain", "--summary", "--json"))
    assert rows[-1] == "dropped_invalid: quantumctl dlq list shows those that became dead letters.".split()
    assert summed["first"]["dropped_old"] + summed["second"]["dropped_old"] == 4 and summed["(none)"]["others"] == 1
    assert len(ids) == 14


def test_the_histogram(rig):
    make_group(rig)
    rig.must_intend(aged(rig, 0, confidence=0.15), aged(rig, 3.5 * DAY_MS, confidence=1), aged(rig, 0, confidence="?"))
    said = must_say(rig, "--histogram")
    assert re.search(r"under 10 min +█+ 2\n", said) and re.search(r"3 to 5 days +█+ 1\n", said)
    assert re.search(r"0.15 to 0.20 +█+ 1\n", said) and re.search(r"0.95 to 1.00 +█+ 1\n", said)
    assert re.search(r"not readable +█+ 1\n", said) and max(map(len, said.splitlines())) <= 100


# --- how it is used

WRONG = [
    (("--mode=wet",), "'wet' is not one of dry-run, live"),
    (("--throttle=0.5",), "throttle"),
    (("--throttle=11",), "add --over-limit"),
    (("--throttle=2000000", "--over-limit"), "throttle"),
    (("--over-limit=perhaps",), "over-limit"),
    (("--throttle-all=perhaps",), "throttle-all"),
    (("--max-age-hours=0",), "max-age-hours"),
    (("--max-age-hours=day",), "max-age-hours"),
    (("--max-age-min=0",), "must be more than 0"),
    (("--max-age-min=-1",), "max-age-min"),
    (("--max-age-min=5", "--max-age-hours=5"), "says the same as --max-age-hours"),
    (("--min-confidence=1.1",), "min-confidence"),
    (("--min-conf=high",), "min-conf"),
    (("--min-conf=0.5", "--min-confidence=0.5"), "says the same as --min-confidence"),
    (("--symbols=",), "--symbols is empty"),
    (("--symbols=B",), "'B', which is no symbol"),
    (("--symbols=@",), "--symbols has '@' without the name of a file behind it"),
    (("--symbols=BTCUSDT,@redis:",), "--symbols has '@redis:' without the name of a set behind it"),
    (("--symbols=@/nowhere/list",), "/nowhere/list: No such file"),
    (("--symbols=BTCUSDT", "--allowlist=BTCUSDT"), "says the same as --symbols"),
    (("--allowlist=B!T",), "'B!T', which is no symbol"),
    (("--max-events=-1",), "max-events"),
    (("--stream=" + "x" * 300,), "stream"),
    (("--stream=a", "--audit-stream=a"), "--audit-stream is the stream"),
    ((f"--stream={DEAD_LETTERS}",), "--stream is that of the dead letters; see quantumctl dlq"),
    ((f"--audit-stream={DEAD_LETTERS}",), "--audit-stream is that of the dead letters"),
    ((f"--forward={DEAD_LETTERS}",), "--forward must name another stream"),
    (("--consumer-group=g", "--from-start"), "does not go with --from-start"),
    (("--consumer-name=",), "must not be empty"),
    (("--forward=quantum:stream:trade.intent",), "--forward must name another stream"),
    (("--audit-stream=a", "--forward=a"), "--forward must name another stream"),
    (("--run-id=a b",), "other characters than"),
    (("--live-sec=0",), "live-sec"),
    (("--despite-live-consumer=perhaps",), "despite-live-consumer"),
    (("--histogram", "--mode=live"), "is for a dry run"),
    (("--histogram", "--json"), "without --json"),
    (("--summary", "--mode=live"), "does not go with --summary"),
    (("--summary", "--executor-config=/dev/null"), "does not go with --summary"),
    (("--json=perhaps",), "json"),
    (("--verbose=perhaps",), "verbose"),
    (("--from-start=perhaps",), "from-start"),
    (("-x",), "-x is not an option"),
    (("all",), "'all' is not expected here"),
    (("--throtle=2",), "did you mean --throttle"),
    (("--throttle",), "--throttle needs a value"),
]  # fmt: skip


@pytest.mark.parametrize("flags, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(flags, said):
    expect_refused(2, re.escape(said), "drain", *flags)


def test_every_flag_has_a_wrong_use():
    flags = set(re.findall(r"^ +--([\w-]+)", ctl("drain", "--help").stdout, re.MULTILINE))
    tried = {word[2:].split("=")[0] for words, _ in WRONG for word in words}
    assert len(flags) > 20 and flags <= tried


@pytest.mark.parametrize("flags", [(), ("--mode=live",), ("--summary",), ("--symbols=@redis:quantum:majors",)])
def test_redis_is_away(flags):
    port = free_port()
    said = rf"Redis at 127\.0\.0\.1:{port}: Connection refused; start it, or name another"
    expect_refused(1, said, "drain", *flags, url=f"redis://127.0.0.1:{port}")


LIVE = "--mode=live"
NO_STREAM = f"there is no stream {INTENTS}; name another with --stream"


@pytest.mark.parametrize("flags, said", [
    ((LIVE,), NO_STREAM), ((LIVE, "--from-start"), NO_STREAM), (("--consumer-group=g",), NO_STREAM),
    (("--from-start", "--run-id=r1"), NO_STREAM), (("--stream=s",), "there is no stream s; name another"),
], ids=str)  # fmt: skip
def test_no_stream(rig, flags, said):
    expect_refused(1, said, "drain", *flags, url=rig.redis.url)
    assert rig.db.keys() == []


@pytest.mark.parametrize("flags, said", [
    ((LIVE,), f"there is no group {EXECUTORS} on {INTENTS}; start the executor"),
    (("--consumer-group=g",), f"there is no group g on {INTENTS}"),
    ((f"--consumer-group={EXECUTORS}",), f"there is no group {EXECUTORS} on"),
    (("--from-start", "--run-id=r1"), "there is no group quantum:group:drain:r1 .*: that run has ended"),
], ids=str)  # fmt: skip
def test_no_group(rig, flags, said):
    rig.must_intend()
    expect_refused(1, said, "drain", *flags, url=rig.redis.url)
    assert rig.db.keys() == [INTENTS] and rig.db.xinfo_groups(INTENTS) == []


@pytest.mark.parametrize("flags", [(), ("--from-start",), ("--histogram",)], ids=str)
def test_a_dry_run_on_a_fresh_host_has_nothing_to_do(rig, flags):
    done = ctl("drain", *flags, url=rig.redis.url)
    assert done.returncode == 0, done
    said = done.stderr.splitlines()
    assert said[0] == "[BACKLOG_DRAIN] Stream length: 0 events"
    assert f"[DRY-RUN] There is no stream {INTENTS} yet: nothing to do" in said
    assert counted(done.stdout)["Total processed"] == 0 and rig.db.keys() == []
    assert drain(rig)["lag_after"] == 0


def test_a_dry_run_before_there_is_a_group_sees_all_as_new(rig):
    rig.must_intend(*[aged(rig, 0)] * 3, aged(rig, 5 * DAY_MS))
    report = drain(rig)
    assert f"[DRY-RUN] There is no such group on {INTENTS} yet: nothing was given to it, and all counts as new." in report["stderr"]
    assert (report["executed"], report["filtered_age"]) == (3, 1)
    assert [report[name] for name in ("lag_before", "lag_after", "pending_before", "pending_after")] == [4, 4, 0, 0]
    assert rig.db.keys() == [INTENTS] and rig.db.xinfo_groups(INTENTS) == []
    rig.db.rename(INTENTS, "s")
    assert drain(rig, "--stream=s")["total_processed"] == 4


def test_what_is_no_stream(rig):
    rig.db.set("word", "x")
    expect_refused(1, "word cannot be looked at: WRONGTYPE", "drain", "--stream=word", url=rig.redis.url)


def test_help_has_three_recipes():
    said = ctl("drain", "--help").stdout
    for words in ("drop all that is old", "high confidence only", "major pairs only"):
        assert f"  {words}" in said
    assert max(map(len, said.splitlines())) <= 100
