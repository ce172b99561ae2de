"""quantumctl dlq: list, show, redrive and drop."""

import json
import re

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.executor import intent, iso
from harness.names import BEGUN, DEAD_LETTERS, INTENTS, PROCESSED
from harness.redis import free_port
from harness.terminal import on_terminal
from harness.waiting import wait_until

LIVE = "--mode=live"


def must_write_dead_letter(rig, age_ms=0, reason="venue", **fields):
    """A dead letter as the executor writes it, of an intent so old; returns their ids."""
    intent_id = f"{rig.now_ms() - age_ms}-0"
    fields = {**intent(**fields), "intent_id": intent_id, "reason": reason, "count": 6, "last_error": "no price"}
    return rig.db.xadd(DEAD_LETTERS, fields), intent_id


# --- list and show


def test_list_and_filters(rig):
    first, _ = must_write_dead_letter(rig)
    second, _ = must_write_dead_letter(rig, reason="symbol", symbol="ETHUSDT")
    said = must(rig, "dlq", "list")
    assert re.search(rf"^{first} +\S+ +6 +BTCUSDT +venue +no price$", said, re.MULTILINE)
    assert second in said and said.endswith("\n2 dead letters\n")
    for flags, left in (
        (["--reason=symbol"], [second]), (["--symbol=BTCUSDT"], [first]), (["--symbol= ethUsdt"], [second]), (["--older-than=1h"], []),
        (["--younger-than=1h"], [first, second]), (["--max=1"], [first]), (["--reason=venue", "--symbol=ETHUSDT"], []),
    ):  # fmt: skip
        assert re.findall(r"^\d+-\d+", must(rig, "dlq", "list", *flags), re.MULTILINE) == left
    assert "1 dead letter, and more (see --max)" in must(rig, "dlq", "list", "--max=1")
    assert max(map(len, re.sub(r"\033\[[0-9;]*m", "", on_terminal(80, "dlq", "list", url=rig.redis.url)).splitlines())) <= 80


def test_show(rig):
    dead_letter, intent_id = must_write_dead_letter(rig, reason="ve\nnue")
    said = must(rig, "dlq", "show", dead_letter)
    assert said.startswith(f"{dead_letter} at 20") and f"the intent {intent_id}\n" in said
    assert r"ve\x0anue" in said and '"symbol": "BTCUSDT"' in said
    expect_refused(1, "there is no dead letter 5-5", "dlq", "show", "5-5", url=rig.redis.url)


def test_more_than_a_page(rig):
    for _ in range(450):
        must_write_dead_letter(rig)
    assert must(rig, "dlq", "list", "--max=1000").endswith("\n450 dead letters\n")
    assert must(rig, "dlq", "drop", "--all", "--max=430", LIVE).endswith("430 dead letters dropped, and there are more (see --max)\n")
    assert rig.db.xlen(DEAD_LETTERS) == 20


# --- redrive


def test_redrive_says_first(rig):
    dead_letter, intent_id = must_write_dead_letter(rig)
    said = must(rig, "dlq", "redrive", dead_letter)
    assert said == (f"would redrive {dead_letter}, BTCUSDT, of intent {intent_id}, reason venue\n1 dead letter would be redriven\n"
                    "dry run: nothing was changed; do it with --mode=live\n")  # fmt: skip
    assert (rig.db.xlen(DEAD_LETTERS), rig.db.exists(INTENTS)) == (1, 0)


@pytest.mark.parametrize("form", ["payload", "data", None])
def test_redrive_keeps_time_and_id(rig, form):
    dead_letter, intent_id = must_write_dead_letter(rig, age_ms=5000, form=form)
    said = must(rig, "dlq", "redrive", dead_letter, LIVE)
    ((new_id, fields),) = rig.db.xrange(INTENTS)
    assert f" → {new_id}\n" in said and rig.db.xlen(DEAD_LETTERS) == 0
    time = iso(int(intent_id.split("-")[0]))
    assert fields.pop("replay_of") == intent_id and fields.pop("original_timestamp") == time
    assert fields.pop("trace_id") == intent_id
    inside = json.loads(fields.pop(form)) if form else fields
    assert inside["timestamp"] == time and inside["symbol"] == "BTCUSDT"
    assert form is None or fields == {}


def test_redrive_leaves_a_time_and_a_decision_of_its_own(rig):
    dead_letter, _ = must_write_dead_letter(rig, decision_id="d1", timestamp="2026-01-19T12:00:03.000Z")
    must(rig, "dlq", "redrive", dead_letter, LIVE)
    ((_, fields),) = rig.db.xrange(INTENTS)
    assert set(fields) == {"payload", "replay_of", "original_timestamp"}
    assert json.loads(fields["payload"])["timestamp"] == "2026-01-19T12:00:03.000Z"


def test_a_redriven_intent_passes_all_guards_again(rig):
    rig.set_open(0)
    executor = rig.start_paper("--guards.global_rate_max=100")
    must_write_dead_letter(rig, age_ms=2000, symbol="BTCUSDT", decision_id="d1")
    must_write_dead_letter(rig, age_ms=700_000, symbol="ETHUSDT")
    must_write_dead_letter(rig, age_ms=1000, symbol="BTCUSDT", decision_id="d1")
    must(rig, "dlq", "redrive", "--all", LIVE)
    rig.expect_result("filled", symbol="BTCUSDT")
    rig.expect_result("skipped", "duplicate", symbol="BTCUSDT")
    rig.expect_settled()
    executor.expect_anywhere("STALE_INTENT_DROP")
    rig.expect_no_result()


def must_give_up(rig, **fields):
    """An intent that an executor is killed over and then gives up; returns its id, and leaves the executor running."""
    flags = ["--guards.begun_max=1", "--guards.global_rate_max=100", "--guards.symbol_rate_max=100"]
    executor = rig.start_paper("--paper.latency_ms=60000", *flags)
    [id] = rig.must_intend(**fields)
    wait_until("its handling is begun", lambda: rig.db.hget(BEGUN + id, "count") == "1", context=rig.told)
    executor.kill()
    rig.start_paper(*flags)
    rig.expect_result("rejected", "begun_too_often", intent_id=id)
    return id


@pytest.mark.parametrize("decision", ["d1", 12, None], ids=["text", "number", "none"])
def test_what_the_executor_gave_up_is_executed_after_all(rig, decision):
    id = must_give_up(rig, decision_id=decision)
    mark = f"{PROCESSED}{decision or id}"
    assert rig.db.get(mark) == f"{id} rejected:begun_too_often" and rig.dead_letters()[0]["count"] == "2"
    must(rig, "dlq", "redrive", "--reason=begun_too_often", LIVE)
    result = rig.expect_result("filled", decision_id=str(decision or id))
    rig.expect_settled()
    assert rig.db.get(mark) == f"{result['intent_id']} filled"
    assert (rig.db.xlen(DEAD_LETTERS), rig.open_orders()) == (0, 1)


def test_what_was_executed_meanwhile_is_not_executed_again(rig):
    """The mark of the one that was given up is over, and the decision was published once more."""
    id = must_give_up(rig, decision_id="d1")
    rig.db.delete(PROCESSED + "d1")
    [again] = rig.must_intend(decision_id="d1")
    rig.expect_result("filled", intent_id=again)
    must(rig, "dlq", "redrive", "--all", LIVE)
    rig.expect_result("skipped", "duplicate", decision_id="d1")
    rig.expect_settled()
    assert rig.db.get(PROCESSED + "d1") == f"{again} filled" and rig.open_orders() == 1
    assert json.loads(rig.db.xrange(INTENTS)[-1][1]["payload"])["decision_id"] == "d1" and id != again


@pytest.mark.parametrize("said", ["{id} filled", "{id} handed_over", "{id} would_execute", "{id}0 rejected:venue",
                                  "5-5 rejected:begun_too_often", "rejected:x"])  # fmt: skip
def test_a_mark_that_is_not_the_dead_letters_own_stays(rig, said):
    dead_letter, intent_id = must_write_dead_letter(rig, decision_id="d1")
    rig.db.set(PROCESSED + "d1", said.format(id=intent_id), ex=100)
    must(rig, "dlq", "redrive", dead_letter, LIVE)
    assert rig.db.get(PROCESSED + "d1") == said.format(id=intent_id) and rig.db.xlen(INTENTS) == 1


def test_a_mark_stays_where_nothing_is_redriven(rig):
    dead_letter, intent_id = must_write_dead_letter(rig, decision_id="d1")
    mark = f"{intent_id} rejected:begun_too_often"
    rig.db.set(PROCESSED + "d1", mark)
    must(rig, "dlq", "redrive", dead_letter)
    must(rig, "dlq", "drop", dead_letter, LIVE)
    assert rig.db.get(PROCESSED + "d1") == mark
    dead_letter, _ = must_write_dead_letter(rig, decision_id="d2")
    rig.db.rpush(PROCESSED + "d2", "x")
    done = ctl("dlq", "redrive", dead_letter, LIVE, url=rig.redis.url)
    assert done.returncode == 1 and f"not redriven: {PROCESSED}d2 is a list, not a string" in done.stderr
    assert (rig.db.xlen(DEAD_LETTERS), rig.db.exists(INTENTS)) == (1, 0)


def test_what_is_broken_comes_back(rig):
    rig.set_open(0)
    executor = rig.start_paper()
    rig.must_intend({"payload": "nonsense", "reason": "mine"})
    executor.expect("DEAD_LETTER")
    assert "original_reason" in rig.dead_letters()[0]
    must(rig, "dlq", "redrive", "--reason=not_json", LIVE)
    executor.expect("DEAD_LETTER")
    assert rig.dead_letters()[0]["original_reason"] == "mine" and len(rig.dead_letters()) == 1


def test_redrive_is_all_or_nothing(rig):
    dead_letter, _ = must_write_dead_letter(rig)
    rig.db.set(INTENTS, "x")
    done = ctl("dlq", "redrive", dead_letter, LIVE, url=rig.redis.url)
    assert done.returncode == 1 and f"not redriven: {INTENTS} is a string, not a stream" in done.stderr
    assert rig.db.xlen(DEAD_LETTERS) == 1


# --- drop


def test_drop(rig):
    first, _ = must_write_dead_letter(rig)
    second, _ = must_write_dead_letter(rig, reason="symbol")
    assert "would drop" in must(rig, "dlq", "drop", "--reason=symbol") and rig.db.xlen(DEAD_LETTERS) == 2
    assert must(rig, "dlq", "drop", "--reason=symbol", LIVE).endswith("1 dead letter dropped\n")
    assert [entry for entry, _ in rig.db.xrange(DEAD_LETTERS)] == [first] != [second]


def test_where_memory_is_full_it_drops_and_redrives_nothing(rig):
    must_write_dead_letter(rig)
    rig.db.config_set("maxmemory", 1)
    done = ctl("dlq", "redrive", "--all", LIVE, url=rig.redis.url)
    assert done.returncode == 1 and "not redriven: OOM " in done.stderr and rig.db.xlen(DEAD_LETTERS) == 1
    assert must(rig, "dlq", "drop", "--all", LIVE).endswith("1 dead letter dropped\n") and rig.db.xlen(DEAD_LETTERS) == 0


# --- how it is used

WRONG = [
    (("dlq",), "it takes list"),
    (("dlq", "purge"), "'purge' is none of list, show, redrive, drop"),
    (("dlq", "show"), "dlq show takes ids"),
    (("dlq", "show", "x"), "'x' is no entry id"),
    (("dlq", "list", "5-5"), "dlq list takes filters and no ids"),
    (("dlq", "redrive"), "say which: ids, a filter, or --all"),
    (("dlq", "drop"), "say which: ids, a filter, or --all"),
    (("dlq", "drop", "--all", "5-5"), "--all goes with neither ids nor filters"),
    (("dlq", "list", LIVE), "--mode is for redrive and drop"),
    (("dlq", "list", "--older-than=old"), "--older-than=old is no span of time"),
    (("dlq", "list", "--younger-than=new"), "--younger-than=new is no span of time"),
    (("dlq", "list", "--max=0"), "max"),
    (("dlq", "list", "--reason"), "--reason needs a value"),
    (("dlq", "list", "--symbol=" + "X" * 40), "symbol"),
    (("dlq", "drop", "--symbol=BTC/USDT"), "--symbol has 'BTC/USDT', which is no symbol"),
    (("dlq", "list", "--executor-config=/nowhere/x.conf"), "/nowhere/x.conf"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(words, said):
    expect_refused(2, re.escape(said), *words)


def test_redis_is_away():
    port = free_port()
    for words in (("list",), ("show", "5-5"), ("redrive", "--all"), ("drop", "--all", LIVE)):
        expect_refused(1, rf"Redis at 127\.0\.0\.1:{port}: Connection refused", "dlq", *words, url=f"redis://127.0.0.1:{port}")
