"""The record of each decision: what it says, and that what stands in its way stands in nobody else's."""

import re
import signal as signals
import time
from hashlib import sha256

import pytest

from harness.ctl import ctl
from harness.names import COMMIT, DECISIONS, INTENTS, SETTINGS
from harness.options import run
from harness.page import Page
from harness.records import Row, counts_of, digest_of, rows_of
from harness.redis import free_port
from harness.signals import document, signal
from harness.status import findings, status
from test_reload import RELOADED, reload_with

LAST_ID = "18446744073709551615-18446744073709551615"
FOUR = [
    signal("BTCUSDT", "BUY", 0.97, rl_gate_pass="true", regime="bull", position_size_usd=250.5, leverage=3),
    signal("ETHUSDT", "SELL", 0.9, correlation_id="run 7=b%"),
    signal("SOLUSDT", "BUY", 0.85),
    signal("BTCUSDT", "BUY", 0.8),
]


def records(rig):
    return rig.db.xrange(DECISIONS)


def decide(rig, *entries):
    """Published or not: all is ACKed. Returns the ids."""
    ids = rig.must_write(*entries)
    rig.expect_drained()
    return ids


def settings_of(rig, fields):
    text = rig.db.hget(SETTINGS, fields["settings"])
    assert sha256(text.encode()).hexdigest() == fields["settings"]
    return dict(line.partition(" = ")[::2] for line in text.splitlines())


# --- what it says


def test_it_says_what_became_of_each(ledger_rig):
    rig = ledger_rig
    router = rig.start_open_router(1, "--lease.instance=desk 1", CANDIDATE_WINDOW_SEC="0.5")
    ids = decide(rig, *FOUR, signal("LTCUSDT", "BUY", 0.1))
    router.expect("BEST_OF_PUBLISH count=2 ")
    (record, fields), = records(rig)
    router.expect_anywhere(rf"BEST_OF_PUBLISH count=2 .*\] record={record}$")
    router.expect_anywhere(rf"CYCLE read=\d .* not_listed=0 record={record}$")
    assert rig.db.hget(COMMIT, "record") == record and fields["cycle_id"] == rig.db.hget(COMMIT, "cycle_id")
    assert rows_of(fields) == [
        Row(ids[0], "BTCUSDT", "BUY", "0.97", "1", "250.5", "3", "gr", "published", "1", "="),
        Row(ids[1], "ETHUSDT", "SELL", "0.9", "0.9", "100", "1", "-", "published", "2", "run%207%3Db%25"),
        Row(ids[2], "SOLUSDT", "BUY", "0.85", "0.85", "100", "1", "-", "outranked", "3", "="),
        Row(ids[3], "BTCUSDT", "BUY", "0.8", "0.8", "100", "1", "-", "same_symbol", "0", "="),
    ]
    assert fields["intents"].split() == [id for id, _ in rig.db.xrange(INTENTS)]
    assert fields["world"].startswith("open=1 inflight=-1 state=capacity_ok slots=9 allowed=2 safe=0 since=0 today=0 ")
    assert fields["world"].endswith(" rolled=0 held=unknown held_symbols=0")
    assert fields["router"].startswith("desk%201 ") and fields["v"] == fields["core"] == "1" and fields["rows_left"] == "0"
    assert {name: count for name, count in counts_of(fields["tally"]).items() if count} == {
        "published": 2, "outranked": 1, "same_symbol": 1}  # fmt: skip
    assert counts_of(fields["drops"])["low_confidence"] == 1 and counts_of(fields["quiet"])["empty"] >= 1
    assert abs(int(fields["at"]) - int(record.partition("-")[0])) < 1000
    assert settings_of(rig, fields)["window.seconds"] == "0.5" and fields["prev"] == ""


def test_what_publishes_nothing_has_one(ledger_rig):
    rig = ledger_rig
    router = rig.start_router()
    router.expect("CAPACITY_UNKNOWN")
    decide(rig, signal("BTCUSDT"))
    router.expect("CYCLE read=1 .*no_slots=1 .* record=")
    (_, fields), = records(rig)
    assert fields["world"].startswith("open=missing inflight=-1 state=capacity_unknown slots=0 allowed=0 ")
    assert fields["intents"] == "" and rows_of(fields)[0].fate == "no_slots"


def test_each_names_the_one_before_also_across_routers(ledger_rig):
    rig = ledger_rig
    rig.start_open_router(0)
    for symbol in "BTCUSDT", "ETHUSDT":
        decide(rig, signal(symbol))
    rig.router.close()
    rig.start_open_router(0, "--lease.instance=another")
    decide(rig, signal("SOLUSDT"))
    found = [fields for _, fields in records(rig)]
    assert [fields["prev"] for fields in found] == ["", digest_of(found[0]), digest_of(found[1])]
    assert rig.check_ledger().chain.gaps == 1


def test_an_entry_of_somebody_else_is_a_gap(rig):
    router = rig.start_open_router(0)
    decide(rig, signal("BTCUSDT"))
    rig.db.xadd(DECISIONS, {"note": "mine"})
    decide(rig, signal("ETHUSDT"))
    decide(rig, signal("SOLUSDT"))
    first, _, third, fourth = [fields for _, fields in records(rig)]
    assert (first["prev"], third["prev"], fourth["prev"]) == ("", "", digest_of(third))
    assert router.count("RECORD_SKIPPED") == 0


def test_what_committed_nothing_is_counted_in_the_next(rig):
    """Empty windows, and one that Redis refused."""
    router = rig.start_open_router(0, "--record.required=true")
    rig.db.set(DECISIONS, "x")
    rig.must_write(signal("BTCUSDT"))
    router.expect("COMMIT_REFUSED reason=quantum:stream:router.decision is a string, not a stream → nothing published, batch kept")
    rig.expect_no_intent()
    rig.db.delete(DECISIONS)
    rig.expect_intent("BTCUSDT")
    router.expect("COMMIT_ACCEPTED")
    quiet = counts_of(records(rig)[0][1]["quiet"])
    assert quiet["refused"] >= 1 and quiet["empty"] >= 1 and quiet["late"] == quiet["gave_up"] == 0


def test_a_window_whose_end_was_noticed_too_late_is_counted_too(rig):
    """One that is stopped in the very end of a window is late for none, and is stopped once more."""
    router = rig.start_open_router(0)
    rig.await_ticks()
    for symbol in "BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT":
        router.process.send_signal(signals.SIGSTOP)
        time.sleep(1.5)  # over the second that a window's end may be late
        router.process.send_signal(signals.SIGCONT)
        decide(rig, signal(symbol))
        late = counts_of(records(rig)[-1][1]["quiet"])["late"]
        if late > 0:
            break
    assert late == 1


# --- what it is decided by


def test_other_settings_have_another_digest(ledger_rig):
    rig = ledger_rig
    rig.start_router(conf="capacity = { max_open = 5; };")
    rig.set_open(0)
    rig.router.expect("CAPACITY_OK")
    decide(rig, signal("BTCUSDT"))
    reload_with(rig, 'capacity = { max_open = 9; }; log = { level = "debug"; };')
    rig.router.expect(RELOADED)
    decide(rig, signal("ETHUSDT"))
    reload_with(rig, "capacity = { max_open = 9; };")
    rig.router.expect(RELOADED)
    decide(rig, signal("SOLUSDT"))
    first, second, third = [fields for _, fields in records(rig)]
    assert settings_of(rig, first)["capacity.max_open"] == "5" and settings_of(rig, second)["capacity.max_open"] == "9"
    assert third["settings"] == second["settings"] and rig.db.hlen(SETTINGS) == 2


def test_settings_that_cannot_be_kept_are_told(rig):
    rig.db.set(SETTINGS, "x")
    router = rig.start_open_router(0)
    router.expect_anywhere(f"RECORD_SKIPPED reason=settings key={SETTINGS} → nobody can decide again by what the records name: WRONGTYPE ")
    decide(rig, signal("BTCUSDT"))
    rig.expect_intent("BTCUSDT")
    assert len(records(rig)) == 1


# --- what stands in its way

WAYS = {
    "wrong_type": lambda db: db.rpush(DECISIONS, "x"),
    "last_id": lambda db: db.xadd(DECISIONS, {"f": "v"}, id=LAST_ID),
}


@pytest.mark.parametrize("reason", WAYS)
def test_trading_goes_on_without(ledger_rig, reason):
    rig = ledger_rig
    rig.rules.records = None
    WAYS[reason](rig.db)
    page = Page(free_port())
    router = rig.start_open_router(0, METRICS_LISTEN=f"127.0.0.1:{page.port}")
    decide(rig, signal("BTCUSDT"))
    router.expect(f"RECORD_SKIPPED reason={reason} key={DECISIONS} → decisions leave no record, and trading goes on$")
    rig.expect_intent("BTCUSDT")
    decide(rig, signal("ETHUSDT"))
    rig.expect_intent("ETHUSDT")
    router.expect_count("CYCLE read=1 ", 2)
    assert router.count("RECORD_SKIPPED") == 1 and router.count("record=") == 0
    text = page.text()
    assert f'records_skipped_total{{reason="{reason}"}} 2' in text and "records_total 0" in text
    assert rig.db.hget(COMMIT, "record") == ""
    rig.db.delete(DECISIONS)
    decide(rig, signal("SOLUSDT"))
    router.expect("RECORD_BACK skipped=2$")
    assert len(records(rig)) == 1 and "records_total 1" in page.text()


@pytest.mark.parametrize("reason", WAYS)
def test_nothing_goes_on_where_there_must_be_one(rig, reason):
    WAYS[reason](rig.db)
    router = rig.start_open_router(0, "--record.required=true")
    rig.must_write(signal("BTCUSDT"))
    router.expect(f"COMMIT_REFUSED reason={DECISIONS} ")
    rig.await_ticks()
    rig.expect_no_intent()
    assert rig.pending() == 1 and not rig.db.exists(INTENTS)
    rig.db.delete(DECISIONS)
    rig.expect_intent("BTCUSDT")
    assert len(records(rig)) == 1


def test_without_room_there_is_none(ledger_rig):
    rig = ledger_rig
    rig.rules.records = False
    router = rig.start_open_router(0, "--record.max_mib=0")
    decide(rig, signal("BTCUSDT"))
    router.expect("CYCLE read=1 .* not_listed=0$")
    assert not rig.db.exists(DECISIONS, SETTINGS)


def test_a_redis_that_is_small_for_it_is_named(rig):
    rig.db.config_set("maxmemory", 64 * 1024 * 1024 - 1)
    router = rig.start_open_router(0)
    router.expect_anywhere(r"REDIS_UNSUITABLE maxmemory=67108863 → record\.max_mib is above a quarter of it; lower it, or give Redis more$")


def test_no_record_and_one_that_must_be_contradict_each_other():
    done = run("quantum-router", "--check-config", "--record.max_mib=0", "--record.required=true")
    assert done.returncode == 2
    assert "record.required needs a record, and record.max_mib = 0 writes none" in done.stderr


def test_a_router_that_knows_no_record_leaves_a_gap_in_the_numbers(ledger_rig):
    """As one of 0.1.0 would, which leads for a while."""
    rig = ledger_rig
    rig.rules.records = None
    for number, room in enumerate((16, 0, 16)):
        router = rig.start_open_router(0, f"--record.max_mib={room}", f"--lease.instance={number}")
        decide(rig, signal(f"COIN{number}"))
        router.close()
    assert rig.db.hget(COMMIT, "seq") == "3"
    assert [fields["cycle_id"].rpartition("-")[2] for _, fields in records(rig)] == ["1", "3"]


# --- what the status says of it


def test_the_status_tells_how_far_back_they_go(rig):
    def shown():
        screen = ctl("status", "--sample=0", url=rig.redis.url).stdout
        return re.search("^records +(.*)$", screen, re.MULTILINE)[1]

    said, _ = status(rig)
    assert said["records"] == {"count": 0, "oldest_age_ms": None} and said["streams"][DECISIONS] is None
    assert shown() == "none"
    rig.start_open_router(0)
    for symbol in "BTCUSDT", "ETHUSDT":
        decide(rig, signal(symbol))
    said, _ = status(rig)
    assert said["records"]["count"] == said["streams"][DECISIONS]["length"] == 2
    assert said["streams"][DECISIONS]["newest_age_ms"] <= said["records"]["oldest_age_ms"] < 60000
    assert re.fullmatch(r"2 decisions, the oldest \S+ old", shown())
    rig.db.delete(DECISIONS)
    rig.db.set(DECISIONS, "x")
    said, _ = status(rig)
    assert said["records"] == {} and shown() == "unknown"
    assert any(f"{DECISIONS}: WRONGTYPE" in found for found in findings(said, "warning"))
    rig.db.delete(DECISIONS)


# --- how large it gets


@pytest.mark.parametrize("room", ["16", "1"])
def test_a_window_that_is_full(rig, room):
    """The lowest ranked have no row, and are ACKed."""
    id = "%=" * 62  # each takes three bytes
    router = rig.start_open_router(0, f"--record.max_mib={room}", "--redis.read_count=2000", CANDIDATE_WINDOW_SEC="3")
    rig.must_write(*[document(f"SYMBOL-{n % 1000:03}", "BUY", 0.9, beside={"correlation_id": f"{id}{n:04}"}) for n in range(4000)])
    router.expect(r"CYCLE read=\d+ candidates=[1-9]\d{3} ", 60)
    rig.expect_drained(60)
    fields = max((fields for _, fields in records(rig)), key=lambda fields: counts_of(fields["tally"])["same_symbol"])
    rows, count = rows_of(fields), sum(counts_of(fields["tally"]).values())
    assert count > 1000 and int(fields["rows_left"]) == count - len(rows) and len(fields["rows"]) <= 65536
    assert len(fields["rows"]) + 500 > 65536 and all(row.decision.startswith(id) for row in rows)
    assert [row.fate for row in rows[:3]] == ["published", "published", "outranked"]
