"""quantumctl report: it finds what was planted, says so where there is nothing, and walks into no trap."""

import json
import re

import pytest
from harness.archive import DECISIONS
from harness.ctl import ctl, expect_refused, must
from harness.market import BEGIN_MS, DAY_MS, MINUTE_MS, Market, Row, Truth, iso, record, results, world
from harness.names import HELD, OPEN_ORDERS, RESULTS

SINCE = "--since=2026-01-19"
COST = 10.0


def report(folder, *words):
    done = ctl("report", f"--archive={folder}", SINCE, f"--cost-bps={COST}", "--json", *words)
    assert (done.returncode, done.stderr) == (0, ""), done
    document = json.loads(done.stdout)
    assert document["real"] + document["estimated"] + document["unknown"] == document["published"]
    return document


def veto(document, fate="outranked", minutes=15):
    (row,) = [row for row in document["vetoes"] if row["fate"] == fate and row["horizon_ms"] == minutes * MINUTE_MS]
    return row


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "archive"


# --- worlds


def test_a_second_rank_that_is_better(tmp_path):
    document = report(world(tmp_path / "w", 3, Truth(first=-20.0, second=20.0)).write())
    assert document["questions"]["ranks"]["verdict"] == "no, it is worse"
    assert document["questions"]["boosts"]["verdict"] == "no, they cost"


def test_a_few_days_say_nothing(tmp_path):
    document = report(world(tmp_path / "w", 3, Truth(first=500.0, second=-500.0), days=4, cycles=40).write())
    assert document["questions"]["ranks"]["verdict"] == "not distinguishable: too few days"
    assert document["questions"]["ranks"]["low"] is None


def test_a_few_trades_say_nothing(tmp_path):
    document = report(world(tmp_path / "w", 3, Truth(first=500.0, second=-500.0), days=14, cycles=2).write())
    assert document["questions"]["ranks"]["trades"] == [28, 28]
    assert document["questions"]["ranks"]["verdict"] == "not distinguishable: too few trades"


def test_the_same_each_time(tmp_path):
    folder = world(tmp_path / "w", 3, Truth()).write()
    first, again = report(folder), report(folder)
    first.pop("at_ms"), again.pop("at_ms")
    assert first == again


# --- traps


def days(count, cycles=8):
    """Moments that are far enough apart."""
    for day in range(count):
        for cycle in range(cycles):
            yield BEGIN_MS + day * DAY_MS + (cycle + 1) * 60 * MINUTE_MS


def test_losers_that_stay_open_are_no_profit(folder):
    """Survivorship: what is closed won, and what lost is still held."""
    market = Market(folder)
    for n, at in enumerate(days(10)):
        market.decide(at, [Row("AUSDT", profit_bps=50.0), Row("BUSDT", profit_bps=None if n % 4 == 0 else -5.0)])
    document = report(market.write())
    assert document["executed"] == 160 and document["profit"]["total"]["closed"] == 140
    for question in document["questions"].values():
        assert question["verdict"] == "not distinguishable: too much is not known" and question["coverage"] == 0.875


def test_a_symbol_that_ends_is_not_left_out(folder):
    """Survivorship in prices: those that ended had no last price, which is not known and no profit."""
    market = Market(folder)
    for n, at in enumerate(days(10)):
        gone = n % 4 == 0
        market.decide(at, [Row("AUSDT", profit_bps=0.0), Row("BUSDT", "outranked", move=(90, 90, 90))], prices=not gone)
        if gone:
            market.price(at - 5000, {"AUSDT": 100.0, "BUSDT": 100.0})
    refused = veto(report(market.write()))
    assert (refused["trades"][1], refused["unknown"]) == (60, 20)
    assert refused["doubt"] == "not distinguishable: too much is not known"


def test_costs_are_taken_off(folder):
    """What was refused rose by eight, and to open and close costs ten."""
    market = Market(folder)
    for at in days(10):
        market.decide(at, [Row("AUSDT", profit_bps=0.0), Row("BUSDT", "outranked", move=(8, 8, 8)), Row("CUSDT", "no_slots", "SELL", move=(8, 8, 8))])
    document = report(market.write())
    assert veto(document)["refused_bps"] == pytest.approx(-2)
    assert veto(document, "no_slots")["refused_bps"] == pytest.approx(-18)
    free = report(folder, "--cost-bps=0")
    assert veto(free)["refused_bps"] == pytest.approx(8)


def test_no_price_from_after_a_moment(folder):
    """Look ahead: it doubles right after each moment, which nobody could know at it."""
    market = Market(folder)
    for at in days(10):
        market.decide(at, [Row("AUSDT", profit_bps=0.0), Row("BUSDT", "outranked")])
        market.price(at + 15 * MINUTE_MS + 1, {"BUSDT": 200.0})
    assert veto(report(market.write()))["refused_bps"] == pytest.approx(-COST)


def test_a_first_price_from_after_the_decision_is_none(folder):
    market = Market(folder)
    for at in days(10):
        market.decide(at, [Row("AUSDT", profit_bps=0.0), Row("BUSDT", "outranked")], prices=False)
        for ms in range(at + 1, at + 16 * MINUTE_MS, 10000):
            market.price(ms, {"AUSDT": 100.0, "BUSDT": 100.0})
    refused = veto(report(market.write()))
    assert (refused["trades"][1], refused["unknown"]) == (0, 80)


def test_a_price_that_is_old_is_none(folder):
    market = Market(folder)
    for at in days(10):
        market.decide(at, [Row("BUSDT", "outranked")], prices=False)
        for ms in (at - 31000, at + 15 * MINUTE_MS):
            market.price(ms, {"BUSDT": 100.0})
    assert veto(report(market.write()))["unknown"] == 80


def test_positions_that_overlap_count_once(folder):
    """Double counting: one move, refused again every three seconds."""
    market = Market(folder)
    for at in days(6, cycles=6):
        market.decide(at, [Row("AUSDT", profit_bps=0.0), Row("BUSDT", "outranked", move=(100, 100, 100))])
        for n in range(1, 100):
            market.archive.add("decision", at + 3000 * n, record(at + 3000 * n, [Row("BUSDT", "outranked")])[0])
    document = report(market.write())
    assert (veto(document)["trades"][1], veto(document)["overlapping"]) == (36, 36 * 99)
    assert veto(document, minutes=5)["trades"][1] == 36


def test_a_result_that_stands_twice_counts_once(folder):
    market = Market(folder)
    for at in days(5):
        fields, intents = record(at, [Row("AUSDT", profit_bps=10.0, size=1000.0)])
        market.archive.add("decision", at, fields)
        for ms, result in results(at, intents):
            market.archive.add("result", ms, result)
            market.archive.add("result", ms, result)
    document = report(market.write())
    assert document["profit"]["total"] == {"closed": 40, "won": 40, "unknown": 0, "profit_usd": 40.0}


# --- what would mislead


def told(market, at, rows, change=lambda n, result: [result]):
    """A decision and its results, each as `change` has it."""
    fields, intents = record(at, rows)
    market.archive.add("decision", at, fields)
    for n, (ms, result) in enumerate(results(at, intents)):
        for later, changed in enumerate(change(n, result)):
            market.archive.add("result", ms + 5000 * later, changed, n)


def test_an_order_closes_once(folder):
    """However often it is told, with an id of its own each time: of what won only, and twice."""
    market = Market(folder)
    for at in days(5):
        rows = [Row("AUSDT", profit_bps=10.0, size=1000.0), Row("BUSDT", profit_bps=-10.0, size=1000.0)]
        told(market, at, rows, lambda n, result: [result] * (3 if float(result.get("profit_usd", 0)) > 0 else 1))
    document = report(market.write())
    assert document["profit"]["total"] == {"closed": 80, "won": 40, "unknown": 0, "profit_usd": 0.0}
    assert document["repeated"] == 80 and document["closed_in_profit"] == 40


@pytest.mark.parametrize(
    "wrong",
    [{"profit_usd": "1e300"}, {"profit_usd": "-1e308"}, {"profit_usd": "nan"}, {"position_size_usd": "1e-300"}, {"profit_usd": "1e7"},
     {"profit_usd": "5", "position_size_usd": "1e300"}, {"profit_usd": "5", "position_size_usd": "nan"}],
    ids=str,
)  # fmt: skip
def test_a_profit_that_cannot_be_is_not_known(folder, wrong):
    """One of them is more than all others together, and no number of this world."""
    market = Market(folder)
    for day, at in enumerate(days(10)):
        rows = [Row("AUSDT", profit_bps=10.0, size=1000.0), Row("BUSDT", profit_bps=-10.0, size=1000.0)]
        told(market, at, rows, lambda n, result, day=day: [{**result, **wrong} if day == 7 and n == 1 and result["status"] == "closed" else result])
    document = report(market.write())
    assert document["profit"]["total"] == {"closed": 160, "won": 79, "unknown": 1, "profit_usd": -1.0}
    ranks = document["questions"]["ranks"]
    assert (ranks["value"], ranks["trades"], ranks["verdict"]) == (20, [79, 80], "yes")
    assert "-1.00 USD net of fees, of 159 closed; 1 closed without a profit that is known" in ctl("report", f"--archive={folder}", SINCE).stdout.replace("\n              ", " ")


def test_a_price_that_cannot_be_is_not_known(folder):
    market = Market(folder)
    for n, at in enumerate(days(10)):
        market.decide(at, [Row("AUSDT", profit_bps=0.0), Row("BUSDT", "outranked", move=(20, 20, 20))])
        if n == 50:
            market.price(at - 4000, {"BUSDT": 1e-300})
    refused = veto(report(market.write()))
    assert (refused["trades"][1], refused["unknown"], refused["refused_bps"]) == (79, 1, 10)


def test_one_lucky_day_is_not_enough(folder):
    """Of twenty; on the others nothing was made."""
    market = Market(folder)
    for n, at in enumerate(days(20)):
        market.decide(at, [Row("AUSDT", profit_bps=5000.0 if n < 8 else 0.0), Row("BUSDT", profit_bps=0.0), Row("CUSDT", "outranked")])
    document = report(market.write())
    assert document["questions"]["ranks"]["value"] == 250
    assert document["questions"]["ranks"]["verdict"] == document["questions"]["boosts"]["verdict"] == "not distinguishable: the interval holds zero"
    assert not veto(document)["distinguishable"]


def test_a_band_is_as_wide_as_its_days_differ(folder):
    """All of a day won, or all lost: they shared its market. Where all did the same nobody knows how wide it is."""
    market = Market(folder)
    for n, at in enumerate(days(10)):
        market.decide(at, [Row("AUSDT", confidence=0.9, profit_bps=10.0 if n // 8 % 2 else -10.0), Row("BUSDT", confidence=0.5, profit_bps=10.0)])
    alike, other = (band for band in report(market.write())["bands"] if band["trades"])
    assert (alike["trades"], alike["hit_rate"], alike["low"], alike["high"]) == (80, 1, None, None)
    assert (other["trades"], other["hit_rate"]) == (80, 0.5) and other["low"] < 0.25 and other["high"] > 0.75


@pytest.mark.parametrize("days_off", [400, -400])
def test_a_clock_that_was_elsewhere_once(folder, days_off):
    """One decision of it keeps no other from being followed."""
    market = Market(folder)
    for n, at in enumerate(days(10)):
        rows = [Row("AUSDT", profit_bps=0.0), Row("BUSDT", "outranked", move=(90, 90, 90))]
        market.decide(at, rows)
        if n == 9:
            market.archive.add("decision", at + 3000, record(at + days_off * DAY_MS, rows)[0])
    refused = veto(report(market.write()))
    assert (refused["trades"][1], refused["refused_bps"], refused["overlapping"]) == (80, 80, 0)


def test_symbols_beyond_all_bounds_are_not_known(folder):
    """There are more than are told apart; what the rest would have made nobody says."""
    market = Market(folder)
    market.price(BEGIN_MS, {f"N{n}USDT": 1.0 for n in range(4096)})
    for at in days(10):
        market.decide(at, [Row("BUSDT", "outranked", move=(90, 90, 90))])
    assert veto(report(market.write()))["unknown"] == 80


def test_each_intent_ended_somewhere(folder):
    """Also where nobody answered: it was stale, or the answer is lost."""
    market = Market(folder)
    for n, at in enumerate(days(2)):
        rows = [Row("AUSDT", profit_bps=5.0), Row("BUSDT", refused=("rejected", "max_open"))]
        told(market, at, rows, lambda _, result, n=n: [result] if n % 2 else [])
    document = report(market.write())
    assert (document["published"], document["executed"], document["refused"], document["unanswered"]) == (32, 8, {"rejected max_open": 8}, 16)
    assert "16 without an answer" in ctl("report", f"--archive={folder}", SINCE).stdout


@pytest.mark.parametrize("since", ["2100-01-01", "2100-01-01T08:00"])
def test_a_future_that_nobody_knows(folder, since):
    expect_refused(2, f"--since={since} is in the future", "report", f"--archive={folder}", f"--since={since}")


# --- what happened


def test_the_funnel_and_the_profit(folder):
    market = Market(folder)
    at = BEGIN_MS + 8 * 60 * MINUTE_MS
    market.decide(at, [
        Row("AUSDT", size=1000.0, profit_bps=100.0), Row("BUSDT", side="SELL", size=1000.0, profit_bps=-50.0),
        Row("CUSDT", "outranked"), Row("DUSDT", "symbol_held"),
    ], drops="low_confidence=20 invalid=3 hold=1 outranked=2")  # fmt: skip
    market.decide(at + DAY_MS, [Row("AUSDT", profit_bps=None), Row("BUSDT", refused=("rejected", "max_open"))], ts=iso)
    document = report(market.write())
    funnel = [document[name] for name in ("read", "valid", "candidates", "published", "executed", "closed_in_profit")]
    assert funnel == [32, 29, 8, 4, 3, 1]
    assert document["refused"] == {"rejected max_open": 1}
    assert document["cycles"]["capacity_ok"] == 2
    assert document["fates"]["outranked"] == 3 and document["fates"]["low_confidence"] == 20
    assert (document["real"], document["estimated"], document["unknown"]) == (2, 2, 0)
    profit = document["profit"]
    assert profit["total"] == {"closed": 2, "won": 1, "unknown": 0, "profit_usd": 5.0}
    assert [(row["name"], row["profit_usd"]) for row in profit["days"]] == [("20260119", 5.0)]
    assert [(row["name"], row["profit_usd"]) for row in profit["symbols"]] == [("AUSDT", 10.0), ("BUSDT", -5.0)]
    assert [(row["name"], row["profit_usd"]) for row in profit["sides"]] == [("BUY", 10.0), ("SELL", -5.0)]
    assert [(row["name"], row["profit_usd"]) for row in profit["ranks"]] == [("1", 10.0), ("2", -5.0)]
    assert sum(band["trades"] for band in document["bands"]) == 2 and len(document["bands"]) == 10
    assert all(band["low"] is None and band["high"] is None for band in document["bands"])


@pytest.mark.parametrize("ts", [lambda ms: ms // 1000, iso], ids=["seconds", "ISO"])
def test_a_day_is_that_of_the_result(folder, ts):
    """Also as an older executor wrote it."""
    market = Market(folder)
    market.decide(BEGIN_MS + DAY_MS - 60000, [Row("AUSDT", size=1000.0, profit_bps=100.0)], ts=ts)
    days = report(market.write())["profit"]["days"]
    assert [(row["name"], row["profit_usd"]) for row in days] == [("20260120", 10.0)]


def test_out_of_redis(rig):
    """The same without prices, with what is held now."""
    now = rig.now_ms()
    at = now - 20 * MINUTE_MS
    fields, intents = record(at, [Row("AUSDT", size=1000.0, profit_bps=100.0), Row("BUSDT", "outranked")])
    rig.db.xadd(DECISIONS, {name: str(value) for name, value in fields.items()}, id=f"{at}-0")
    for n, (ms, result) in enumerate(results(at, intents)):
        rig.db.xadd(RESULTS, {name: str(value) for name, value in result.items()}, id=f"{ms}-{n}")
    rig.db.set(OPEN_ORDERS, 1)
    rig.db.hset(HELD, "XRPUSDT", "SELL")
    document = json.loads(must(rig, "report", "--json"))
    assert (document["records"], document["published"], document["executed"], document["held"]) == (1, 1, 1, 1)
    assert document["profit"]["total"]["profit_usd"] == 10.0
    text = must(rig, "report")
    assert "+10.00 USD net of fees" in text and "held now      agrees: 1 open, 1 held" in text
    assert "not known: there are no prices" in text
    before = json.loads(must(rig, "report", "--json", "--since=10m"))
    assert (before["records"], before["profit"]["total"]["closed"]) == (0, 1)
    assert before["profit"]["ranks"][0]["name"] == "unknown"


def test_an_empty_redis(rig):
    text = must(rig, "report")
    assert "0 decisions" in text and text.count("not distinguishable") == 3 and "nothing was closed" in text


def test_what_closed_without_a_price_made_nothing_that_is_known(folder):
    """It is no profit of zero."""
    market = Market(folder)
    fields, intents = record(BEGIN_MS + MINUTE_MS, [Row("AUSDT", profit_bps=10.0)])
    market.archive.add("decision", BEGIN_MS + MINUTE_MS, fields)
    for ms, result in results(BEGIN_MS + MINUTE_MS, intents):
        result.pop("profit_usd", None)
        market.archive.add("result", ms, result)
    assert report(market.write())["profit"]["total"] == {"closed": 1, "won": 0, "unknown": 1, "profit_usd": None}
    text = ctl("report", f"--archive={folder}", SINCE).stdout
    assert "profit        not known; 1 closed without a profit that is known" in text and "+0.00" not in text


@pytest.mark.parametrize("profit, size", [("1e308", "100"), ("-1.1e15", "100"), ("nan", "100"), ("1e15", "1e-300"), ("5", "-100")])
def test_a_result_beyond_all_bounds_tells_nothing(folder, profit, size):
    market = Market(folder)
    fields, intents = record(BEGIN_MS + MINUTE_MS, [Row("AUSDT", profit_bps=10.0), Row("BUSDT", profit_bps=10.0)])
    market.archive.add("decision", BEGIN_MS + MINUTE_MS, fields)
    for n, (ms, result) in enumerate(results(BEGIN_MS + MINUTE_MS, intents)):
        result.update({"profit_usd": profit, "position_size_usd": size} if result["status"] == "closed" else {})
        market.archive.add("result", ms + n, result)
    document = report(market.write())
    assert document["real"] == 0 and document["questions"]["boosts"]["value"] is None
    total = document["profit"]["total"]
    assert total["closed"] == 2 and (total["profit_usd"] is None or abs(total["profit_usd"]) <= 2e15)


def test_reasons_that_have_no_row_are_others(folder):
    """A reason may be a venue's own, with a number in it: no other is counted under it."""
    market = Market(folder)
    for n in range(70):
        market.decide(BEGIN_MS + n * MINUTE_MS, [Row("AUSDT", refused=("rejected", f"margin {n}"))])
    refused = report(market.write())["refused"]
    assert sum(refused.values()) == 70 and refused["others"] == 7 and set(refused.values()) == {1, 7}


def test_it_is_read_on_one_screen(folder):
    """And the doubt is told in its words, first."""
    text = ctl("report", f"--archive={world(folder, 5, Truth()).write()}", SINCE).stdout
    assert len(text.splitlines()) < 60
    assert re.search(r"Does rank 1 beat rank 2\?\n +not distinguishable: the interval holds zero: ", text), text


def test_gaps_are_told(folder):
    market = Market(folder)
    market.decide(BEGIN_MS + MINUTE_MS, [Row("AUSDT")])
    market.archive.add("gap", BEGIN_MS + 2 * MINUTE_MS, {"kind": "decision", "lost": "3", "why": "trimmed"})
    market.archive.add("gap", BEGIN_MS + 3 * MINUTE_MS, {"kind": "signal", "lost": "3", "why": "trimmed"})
    assert report(market.write())["gaps"] == 1


def test_records_that_cannot_be_read_are_counted(folder):
    market = Market(folder)
    market.decide(BEGIN_MS + MINUTE_MS, [Row("AUSDT")])
    market.archive.add("decision", BEGIN_MS + 2 * MINUTE_MS, {"v": "99"})
    market.archive.add("decision", BEGIN_MS + 3 * MINUTE_MS, {"v": "1", "rows": "x"})
    document = report(market.write())
    assert (document["records"], document["unread"]) == (1, 2)


@pytest.mark.parametrize(
    "words, said",
    [
        (["--since=yesterday"], "--since=yesterday is no time"),
        (["--since=-1h"], "--since=-1h is no time"),
        (["--since=25:00"], "--since=25:00 is no time"),
        (["--cost-bps=nan"], "--cost-bps"),
        (["x"], "'x' is not expected"),
    ],
)
def test_wrong_usage(words, said):
    expect_refused(2, said, "report", *words)


def test_where_there_is_no_archive(tmp_path):
    expect_refused(1, "there is no archive in it", "report", f"--archive={tmp_path}")
    expect_refused(1, "there is no archive in it", "report", f"--archive={tmp_path}/nowhere")
