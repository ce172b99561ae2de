"""quantumctl explain: why a signal was chosen or not, and what would have passed it."""

import json
import re

import pytest

from harness.archive import Archive
from harness.ctl import ctl, expect_refused, must
from harness.names import COMMIT, DECISIONS, GROUP, INTENTS, OPEN_ORDERS, RESULTS, SAFE_MODE, SETTINGS, SIGNALS
from harness.signals import signal
from harness.terminal import on_terminal
from harness.waiting import wait_until

MEMBERS = {
    "v", "signal_id", "symbol", "side", "confidence", "score", "fate", "derived", "record", "cycle_id", "at_ms", "rank", "of",
    "allowed", "cut", "world", "above", "intent_id", "result", "would_pass", "would_not", "replayed",
}  # fmt: skip


def explain(rig, word, *words):
    found = json.loads(must(rig, "explain", word, "--json", *words))
    assert found["v"] == 1
    return found


def words_of(rig, id, *words):
    """However they are folded."""
    return " ".join(must(rig, "explain", id, *words).split())


def passes(found):
    return {one["change"]: (one["from"], one["to"]) for one in found["would_pass"]}


def decide(rig, *entries):
    ids = rig.must_write(*entries)
    rig.expect_drained()
    return ids


@pytest.fixture
def cycle(rig):
    """Two of four are published in one cycle, which nobody else joins."""
    rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.3")
    ids = decide(
        rig,
        signal("BTCUSDT", "BUY", 0.95, rl_gate_pass="true"),
        signal("ETHUSDT", "SELL", 0.94, correlation_id="idea 7"),
        signal("BTCUSDT", "BUY", 0.93),
        signal("SOLUSDT", "SELL", 0.91),
    )
    return ids


# --- what a record has


def test_who_was_outranked(rig, cycle):
    first, second, third, last = cycle
    found = explain(rig, last)
    assert MEMBERS <= set(found)
    assert (found["signal_id"], found["symbol"], found["side"], found["confidence"]) == (last, "SOLUSDT", "SELL", 0.91)
    assert (found["fate"], found["derived"], found["rank"], found["of"], found["allowed"]) == ("outranked", False, 3, 3, 2)
    assert found["cut"] == 0.94 and found["world"]["open"] == 1 and found["world"]["state"] == "capacity_ok"
    assert found["record"] == rig.db.xrevrange(DECISIONS, count=1)[0][0] and found["replayed"] == "identical"
    assert found["cycle_id"] == rig.db.hget(COMMIT, "cycle_id") and abs(found["at_ms"] - rig.now_ms()) < 60_000
    assert [(one["signal_id"], one["fate"], one["rank"]) for one in found["above"]] == [
        (first, "published", 1), (second, "published", 2), (third, "same_symbol", None)]  # fmt: skip
    intents = [id for id, _ in rig.db.xrange(INTENTS)]
    assert [one["intent_id"] for one in found["above"]] == [*intents, None]
    assert passes(found) == {"confidence": (0.91, 0.940000001)}  # two places up to the target, so that no option helps alone
    assert {"capacity.max_new_per_cycle", "capacity.target_open"} <= set(found["would_not"])
    assert found["intent_id"] is None and found["result"] is None


def test_who_was_published(rig, cycle):
    first, second, *_ = cycle
    intents = [id for id, _ in rig.db.xrange(INTENTS)]
    found = explain(rig, first)
    assert (found["fate"], found["rank"], found["intent_id"], found["result"]) == ("published", 1, intents[0], None)
    assert found["would_pass"] == [] and found["would_not"] == []
    for word in (second, intents[1], "idea 7"):
        assert explain(rig, word)["signal_id"] == second
    assert explain(rig, intents[1], "--intent")["signal_id"] == second
    assert explain(rig, "idea 7", "--decision")["decision_id"] == "idea 7"


def test_an_id_that_is_two_is_told_as_each(rig, cycle):
    """Ids are of a millisecond, and streams count for themselves."""
    first = cycle[0]
    intent = rig.db.xrange(INTENTS)[0][0]
    rig.db.xadd(SIGNALS, signal("XRPUSDT"), id=intent)
    rig.expect_drained()
    found = explain(rig, intent)["explanations"]
    assert [(one["signal_id"], one["symbol"]) for one in found] == [(first, "BTCUSDT"), (intent, "XRPUSDT")]
    assert explain(rig, intent, "--signal")["signal_id"] == intent
    assert explain(rig, intent, "--intent")["signal_id"] == first


def test_what_became_of_it(rig, cycle):
    first, *_, last = cycle
    [(intent, fields), _] = rig.db.xrange(INTENTS)
    result = {"intent_id": intent, "decision_id": first, "symbol": "BTCUSDT", "status": "filled", "reason": "",
              "size_usd": "130", "price": "100", "order_id": intent}  # fmt: skip
    rig.db.xadd(RESULTS, result)
    assert explain(rig, first)["result"]["status"] == "filled" and explain(rig, first)["result"]["profit_usd"] is None
    rig.db.xadd(RESULTS, {**result, "intent_id": "", "status": "closed", "reason": "take_profit", "profit_usd": "1.25",
                          "opened_by": first})  # fmt: skip
    found = explain(rig, first)["result"]
    assert (found["status"], found["closed"], found["closed_by"], found["profit_usd"]) == ("filled", True, "take_profit", 1.25)
    assert explain(rig, last)["above"][0]["result"]["profit_usd"] == 1.25
    assert "filled, +1.25 USD" in words_of(rig, last)


def test_the_last_ones_of_a_symbol(rig, cycle):
    decide(rig, signal("BTCUSDT", "BUY", 0.90))
    found = explain(rig, "btcusdt")["explanations"]
    assert [one["confidence"] for one in found] == [0.90, 0.95, 0.93]
    assert explain(rig, "BTCUSDT", "--last=1")["confidence"] == 0.90
    lines = must(rig, "explain", "BTCUSDT").splitlines()
    assert lines[0].split()[:3] == ["signal", "symbol", "side"] and len(lines) == 4


def test_in_words(rig, cycle):
    said = words_of(rig, cycle[3])
    assert said.startswith("SOLUSDT SELL, confidence 0.91: outranked signal ")
    for words in ("2 signals could be published", "decided again, it is identical", "the cut", "same_symbol",
                  "Each of these alone would have passed it:", "more than 0.94, not 0.91"):  # fmt: skip
        assert words in said
    plain = re.sub(r"\x1b\[[0-9;]*m", "", on_terminal(80, "explain", cycle[3], url=rig.redis.url))
    assert max(len(line) for line in plain.splitlines()) <= 80


# --- what stands in the way


WAYS = {
    "full at no super": ("10", 0.8, {}, "no_slots", {}),
    "full": ("10", 0.95, {}, "no_slots", {"capacity.max_open": (10, 11)}),
    "missing": (None, 0.95, {}, "no_slots", {}),
    "no number": ("3.5", 0.95, {}, "no_slots", {}),
    "target": ("3", 0.8, {}, "below_super", {"confidence": (0.8, 0.9), "capacity.super_confidence": (0.9, 0.8),
                                        "capacity.target_open": (3, 4)}),
    "day": ("1", 0.8, {"GOVERNOR_MAX_DAILY_TRADES": "1"}, "no_slots", {"governor.max_daily_trades": (1, 2)}),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_ways_to_be_refused(rig, way):
    open_orders, confidence, env, fate, wanted = WAYS[way]
    rig.set_open(open_orders)
    rig.start_router(**env)
    if way == "day":
        decide(rig, signal("ETHUSDT"))
    [id] = decide(rig, signal("BTCUSDT", confidence=confidence))
    found = explain(rig, id, "--signal")  # an intent of the same millisecond may have the same id
    assert found["fate"] == fate and passes(found) == wanted
    said = words_of(rig, id, "--signal")
    tried = re.search(r"None of these alone would have( passed it)?: ((?:[\w.]+, )*[\w.]+)", said)
    assert bool(tried[1]) == (not wanted) and tried[2].split(", ") == found["would_not"], said
    assert {"confidence", "positions.same_side", "window.one_per_symbol"} <= {*found["would_not"], *wanted}


def test_what_is_held(rig):
    rig.db.hset("quantum:state:positions", mapping={"BTCUSDT": "BUY", "ETHUSDT": "SELL"})
    rig.start_open_router(2)
    same, opposite = decide(rig, signal("BTCUSDT"), signal("ETHUSDT"))
    assert passes(explain(rig, same)) == {"positions.same_side": ("reject", "add")}
    assert passes(explain(rig, opposite)) == {"positions.opposite_side": ("reject", "pass")}


def test_a_duplicate_and_safe_mode(rig):
    rig.start_open_router(1)
    decide(rig, signal("BTCUSDT", correlation_id="d-1"))
    [again] = decide(rig, signal("SOLUSDT", correlation_id="d-1"))
    found = explain(rig, again, "--signal")  # as above
    assert (found["fate"], found["would_pass"]) == ("duplicate", [])
    assert found["note"] == f"It was published as intent {rig.db.xrange(INTENTS)[0][0]}."
    assert "its decision, d-1, was published before" in words_of(rig, again, "--signal")
    found = explain(rig, "d-1")
    assert "explanations" in found, f"{found}{rig.db.xrange(DECISIONS)}{rig.told()}"
    assert [one["fate"] for one in found["explanations"]] == ["duplicate", "published"]
    rig.db.set(SAFE_MODE, "1")
    [halted] = decide(rig, signal("XRPUSDT"))
    assert explain(rig, halted)["fate"] == "safe_mode" and "Safe mode was set" in words_of(rig, halted)


# --- what no record has


DROPS = {
    "low_confidence": (signal("BTCUSDT", confidence=0.6), "below the gate, window.min_confidence = 0.75"),
    "invalid": (signal("BTCUSDT", confidence="high"), "It breaks a rule: "),
    "hold": (signal("BTCUSDT", "HOLD"), "It says HOLD"),
    "close": (signal("BTCUSDT", "CLOSE"), "exits do not pass through this router"),
    "stale": (signal("BTCUSDT", timestamp="2026-01-01T00:00:00Z"), "by its own timestamp"),
}


@pytest.mark.parametrize("fate", DROPS)
def test_what_was_dropped_is_judged_again(rig, fate):
    entry, words = DROPS[fate]
    rig.start_open_router(1)
    [id] = decide(rig, entry)
    decide(rig, signal("ETHUSDT"))
    found = explain(rig, id)
    assert (found["fate"], found["derived"], found["rank"], found["record"]) == (fate, True, None, None)
    assert words in words_of(rig, id)


def test_it_is_judged_by_the_settings_of_that_time(rig):
    rig.start_open_router(1, MIN_CONFIDENCE="0.9")
    [id] = decide(rig, signal("BTCUSDT", confidence=0.8))
    decide(rig, signal("ETHUSDT"))
    assert "window.min_confidence = 0.90" in words_of(rig, id)
    rig.db.delete(SETTINGS)
    found = explain(rig, id)
    assert "by the settings as they are now" in found["note"]


def test_without_any_record_it_is_judged_by_todays_settings(rig):
    rig.start_open_router(1)
    [id] = decide(rig, signal("BTCUSDT", confidence=0.6))
    rig.close_routers()
    rig.db.delete(DECISIONS)
    found = explain(rig, id)
    assert (found["fate"], found["derived"]) == ("low_confidence", True) and "as they are now" in found["note"]


def test_what_waits_is_pending_or_was_never_read(rig):
    [id] = rig.must_write(signal("BTCUSDT"))
    assert explain(rig, id)["fate"] == "unread"
    assert "no router has been there" in words_of(rig, id)
    rig.db.xgroup_create(SIGNALS, GROUP, id="0")
    assert explain(rig, id)["fate"] == "waiting"
    rig.db.xreadgroup(GROUP, "other", {SIGNALS: ">"})
    found = explain(rig, id)
    assert (found["fate"], found["derived"], found["record"]) == ("pending", False, None)
    assert "as other, and has not settled it" in found["note"]
    rig.db.xack(SIGNALS, GROUP, id)
    assert explain(rig, id)["fate"] == "unknown"
    assert "no record has it" in words_of(rig, id)


def without_last_row(rig, **more):
    [(record, fields)] = rig.db.xrange(DECISIONS)
    rig.forges = True
    rig.db.delete(DECISIONS)
    rig.db.xadd(DECISIONS, {**fields, "rows": fields["rows"].rpartition("\n")[0], **more}, id=record)


def test_a_row_that_did_not_fit(rig, cycle):
    without_last_row(rig, rows_left="1")
    found = explain(rig, cycle[3])
    assert (found["fate"], found["derived"]) == ("unknown", False)
    assert "one of the 1 lowest ranked that did not fit into the record" in found["note"]
    assert explain(rig, cycle[0])["replayed"] == "cut short"


def test_a_full_window_was_thinned_of_it(rig, cycle):
    without_last_row(rig, drops="outranked=7 low_confidence=0")
    found = explain(rig, cycle[3])
    assert (found["fate"], found["derived"], found["rank"]) == ("outranked", True, None)
    assert "fell out before the window was decided" in found["note"]


# --- out of an archive, without Redis

NO_REDIS = "unix:///nowhere/redis.sock"


@pytest.fixture
def archive(rig, cycle):
    """Two cycles and their results, two that were dropped, and one behind all records."""
    intents = [id for id, _ in rig.db.xrange(INTENTS)]
    result = {"intent_id": intents[0], "decision_id": cycle[0], "symbol": "BTCUSDT", "reason": "", "price": "100",
              "order_id": intents[0]}  # fmt: skip
    rig.db.xadd(RESULTS, {**result, "status": "filled"})
    rig.db.xadd(RESULTS, {**result, "intent_id": "", "status": "closed", "profit_usd": "1.25"})
    [low] = decide(rig, signal("XRPUSDT", confidence=0.6))
    [again] = decide(rig, signal("BTCUSDT", "BUY", 0.90, correlation_id="idea 7"))
    rig.close_routers()
    rig.must_write(signal("DOTUSDT"))
    with Archive(rig) as archive:
        archive.expect_kept()
        archive.low, archive.again = low, again
        yield archive


def out_of(archive, word, *words):
    done = ctl("explain", word, "--json", f"--archive={archive.folder}", *words, url=NO_REDIS)
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


def test_an_archive_says_what_redis_says(rig, cycle, archive):
    intents = [id for id, _ in rig.db.xrange(INTENTS)]
    for word in (*cycle, *intents, archive.low, archive.again, "idea 7", "BTCUSDT", "SOLUSDT", "XRPUSDT"):
        asked = ctl("explain", word, "--json", url=rig.redis.url)
        if asked.returncode == 0:
            assert out_of(archive, word) == json.loads(asked.stdout)
        else:
            expect_refused(1, asked.stderr.partition(": ")[2].strip(), "explain", word, f"--archive={archive.folder}", url=NO_REDIS)
    assert out_of(archive, cycle[3])["above"][0]["result"]["profit_usd"] == 1.25
    assert out_of(archive, archive.low)["derived"] and out_of(archive, archive.again)["note"] == f"It was published as intent {intents[1]}."
    assert [one["confidence"] for one in out_of(archive, "BTCUSDT")["explanations"]] == [0.90, 0.95, 0.93]
    assert out_of(archive, "BTCUSDT", "--last=1")["confidence"] == 0.90
    told = [ctl("explain", cycle[3], *words, url=url).stdout for words, url in (
        ([f"--archive={archive.folder}"], NO_REDIS), ([], rig.redis.url))]  # fmt: skip
    first, second = (re.sub(r"\S+ ago", "some time ago", text) for text in told)
    assert first == second and "the cut" in first


def test_an_archive_has_what_redis_trimmed(rig, cycle, archive):
    archive.stop()
    whole = out_of(archive, cycle[3])
    rig.redis.kill()
    assert out_of(archive, cycle[3]) == whole and whole["fate"] == "outranked" and whole["replayed"] == "identical"
    [waits] = [id for id, fields in archive.of("signal") if b"DOTUSDT" in b"".join(fields.values())]
    found = out_of(archive, waits)
    assert found["fate"] == "unknown" and "No record in the archive has it: it was not decided yet" in found["note"]


def test_what_an_archive_does_not_have(rig, cycle, archive):
    folder = f"--archive={archive.folder}"
    expect_refused(1, "'5-5' is in no record of a decision: the records go back to 20", "explain", "5-5", folder, url=NO_REDIS)
    expect_refused(1, "the records go back to", "explain", "LTCUSDT", folder, url=NO_REDIS)
    result = archive.of("result")[0][0]
    expect_refused(1, "a result: its intent_id", "explain", result, "--intent", folder, url=NO_REDIS)
    record = archive.of("decision")[-1][0]
    expect_refused(1, "a record of a decision: quantumctl replay --from", "explain", record, folder, url=NO_REDIS)
    for word in ("BTCUSDT", cycle[0]):
        expect_refused(1, "there is no archive in it", "explain", word, f"--archive={rig.folder}", url=NO_REDIS)
        expect_refused(1, "/nowhere: there is no archive in it", "explain", word, "--archive=/nowhere", url=NO_REDIS)


def test_what_is_older_than_an_archive(rig, cycle):
    decide(rig, signal("XRPUSDT", confidence=0.8))
    rig.db.xtrim(DECISIONS, maxlen=1, approximate=False)
    with Archive(rig) as archive:
        archive.expect_kept()
        expect_refused(1, "older than the records, which go back to", "explain", cycle[3], f"--archive={archive.folder}", url=NO_REDIS)


# --- what is not found


def test_what_nobody_knows(rig, cycle):
    expect_refused(1, "'5-5' is in no record of a decision", "explain", "5-5", url=rig.redis.url)
    expect_refused(1, "the records go back to", "explain", "LTCUSDT", url=rig.redis.url)
    rig.db.xadd(DECISIONS, {"v": "1"}, id="9999999999999-1")
    expect_refused(1, "a record of a decision: quantumctl replay --from", "explain", "9999999999999-1", url=rig.redis.url)
    intent = rig.db.xrange(INTENTS)[1][0]
    expect_refused(1, "an intent: --intent explains it", "explain", intent, "--signal", url=rig.redis.url)
    [result] = [rig.db.xadd(RESULTS, {"intent_id": "1-1"}, id="7777-1")]
    expect_refused(1, "a result: its intent_id", "explain", result, url=rig.redis.url)


def test_what_is_older_than_the_records(rig, cycle):
    for confidence in (0.8, 0.81, 0.82):
        decide(rig, signal("XRPUSDT", confidence=confidence))
    rig.db.xtrim(DECISIONS, maxlen=1, approximate=False)
    expect_refused(1, "older than the records, which go back to", "explain", cycle[3], url=rig.redis.url)
    intent = rig.db.xrange(INTENTS)[0][0]
    expect_refused(1, "an intent whose decision no record has", "explain", intent, "--intent", url=rig.redis.url)


@pytest.mark.parametrize(
    "words, said",
    [
        ([], "explain"),
        (["A", "B"], "explain"),
        (["BTCUSDT", "--signal"], "'BTCUSDT' is no id of an entry"),
        ([""], "neither an id nor a symbol"),
        (["x" * 200], "neither an id nor a symbol"),
        (["BTCUSDT", "--last=0"], "last"),
    ],
)
def test_wrong_usage(words, said):
    expect_refused(2, said, "explain", *words)


# --- records that are not sound


def test_what_is_decided_otherwise_proves_nothing(rig, cycle):
    [(record, fields)] = rig.db.xrange(DECISIONS)
    rig.db.delete(DECISIONS)
    rig.db.xadd(DECISIONS, {**fields, "world": fields["world"].replace("allowed=2", "allowed=1")}, id=record)
    found = explain(rig, cycle[3])
    assert (found["replayed"], found["would_pass"], found["would_not"]) == ("differs", [], [])
    rig.db.delete(SETTINGS)
    assert explain(rig, cycle[3])["replayed"] == "not comparable"
    rig.db.delete(DECISIONS)
    rig.db.xadd(DECISIONS, {**fields, "rows": "forged"}, id=record)
    found = ctl("explain", cycle[3], url=rig.redis.url)
    assert found.returncode == 0 and "no record has it" in " ".join(found.stdout.split())


def test_signs_from_outside_are_shown_as_text(rig):
    rig.start_open_router(1)
    [id] = decide(rig, signal("BTCUSDT", correlation_id="\x1b[31mred\n"))
    assert "\x1b" not in must(rig, "explain", id)
    assert explain(rig, id)["decision_id"]


def test_a_signal_of_a_full_window(rig):
    """Of many candidates those right above it are shown, and it costs a moment."""
    rig.start_open_router(1, CANDIDATE_WINDOW_SEC="0.5")
    ids = decide(rig, *[signal(f"C{number}USDT", confidence=f"{0.99 - number / 10000:.4f}") for number in range(400)])
    wait_until("one record", lambda: rig.db.xlen(DECISIONS) > 0)
    found = explain(rig, ids[300])
    assert found["fate"] == "outranked" and len(found["above"]) == 100 and "confidence" in passes(found)
    assert [one["signal_id"] for one in found["above"][:3]] == [ids[0], ids[1], ids[202]]
    assert rig.db.get(OPEN_ORDERS) == "1"
    lines = must(rig, "explain", ids[300]).splitlines()
    assert len(lines) < 50 and any("more above it" in line for line in lines)
