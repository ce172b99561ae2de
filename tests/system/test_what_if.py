"""quantumctl replay --set, --with, --sweep: the same windows under another policy, and what may be said of it."""

import json

import pytest
from harness.ctl import ctl, expect_refused
from harness.market import BEGIN_MS, DAY_MS, MINUTE_MS, Row, record, results
from harness.names import DECISIONS, RESULTS
from harness.rig import WINDOW_SEC
from harness.terminal import on_terminal
from harness.what_if import COST, World, live_of, world

LESS, SAME, MORE = (f"--set=capacity.max_new_per_cycle={n}" for n in (1, 2, 3))
DOUBT = "not distinguishable: "
AS_EVER = f"window: {{ seconds = {WINDOW_SEC:g} }};"  # as the router's that decided


@pytest.fixture
def live(rig):
    return live_of(rig)


def what_if(folder, *words):
    done = ctl("replay", f"--archive={folder}", f"--cost-bps={COST}", "--json", *words)
    assert (done.returncode, done.stderr) == (0, ""), done
    document = json.loads(done.stdout)
    assert document["v"] == 1
    for one in document.get("variants", [document]):
        outcomes = [one["real"], one["estimated"], one["unknown"]]
        total = {part: sum(outcome[part] for outcome in outcomes) for part in ("both", "only_live", "only_variant")}
        assert total["both"] + total["only_live"] == one["published_live"]
        assert total["both"] + total["only_variant"] == one["published_variant"]
        assert "not followed" in one["open_loop"]
    return document


# --- worlds


def test_the_live_policy_differs_in_nothing(tmp_path, live):
    found = what_if(world(tmp_path / "w", live, (5, 5, 5)), SAME)
    assert (found["windows"], found["decided"], found["coverage"]) == (120, 120, 1.0)
    assert (found["published_live"], found["published_variant"], found["real"]["both"]) == (240, 240, 240)
    assert found["real"]["only_live"] + found["estimated"]["only_variant"] + found["unknown"]["both"] == 0
    for measure in ("real", "estimated"):
        better = found[measure]["better_bps"]
        assert (better["value"], better["low"], better["high"]) == (0, 0, 0)
        assert found[measure]["verdict"] == DOUBT + "the interval holds zero"


def test_a_better_policy_is_found(tmp_path, live):
    """What is outranked makes 60 more, and a third of what would be published is of it."""
    folder = world(tmp_path / "w", live, (-20, -20, 40))
    found = what_if(folder, MORE)
    assert found["estimated"]["verdict"] == "better"
    better = found["estimated"]["better_bps"]
    assert better["low"] <= 20 <= better["high"] and better["trades"] == [360, 240]
    assert (found["real"]["both"], found["estimated"]["only_variant"], found["unknown"]["only_variant"]) == (240, 120, 0)
    # By results nobody knows what the others would have made.
    assert found["real"]["verdict"] == DOUBT + "too much is not known"
    assert what_if(folder, LESS)["estimated"]["verdict"] == DOUBT + "the interval holds zero"


def test_a_worse_one_is_found_by_results(tmp_path, live):
    """Of the two that were published the first is the better: without the second more is made of each trade."""
    folder = world(tmp_path / "w", live, (40, -40, 0))
    found = what_if(folder, LESS)
    assert (found["real"]["both"], found["real"]["only_live"]) == (120, 120)
    assert found["real"]["verdict"] == "better" and found["real"]["better_bps"]["low"] <= 40 <= found["real"]["better_bps"]["high"]
    assert what_if(world(tmp_path / "v", live, (-40, 40, 0)), LESS)["real"]["verdict"] == "worse"


@pytest.mark.parametrize("days, doubt", [(4, "too few days"), (20, "too few trades")])
def test_too_little_says_nothing(tmp_path, live, days, doubt):
    """However much it made; of twenty days with one window twenty trades differ."""
    found = what_if(world(tmp_path / "w", live, (0, 0, 5000), days=days, cycles=20 if days == 4 else 1), MORE)
    assert found["estimated"]["verdict"] == DOUBT + doubt


def test_intervals_are_wider_for_many(tmp_path, live):
    folder = world(tmp_path / "w", live, (-20, -20, 40))
    alone = what_if(folder, MORE)["estimated"]["better_bps"]
    swept = what_if(folder, "--sweep=capacity.max_new_per_cycle=1..64")
    (among,) = [one["estimated"]["better_bps"] for one in swept["variants"] if one["policy"].endswith("=3")]
    assert among["low"] < alone["low"] < alone["high"] < among["high"] and among["value"] == alone["value"]
    assert len(swept["variants"]) == 64 and swept["coverage"] == min(one["coverage"] for one in swept["variants"])


def test_the_same_each_time(tmp_path, live):
    folder = world(tmp_path / "w", live, (-20, -20, 40))
    assert what_if(folder, MORE) == what_if(folder, MORE)


# --- traps


def moments(days=10, cycles=8):
    for day in range(days):
        for cycle in range(cycles):
            yield BEGIN_MS + day * DAY_MS + (cycle + 1) * 60 * MINUTE_MS


def test_what_is_not_known_is_no_zero(tmp_path, live):
    """Of every second window there are no prices: what is outranked there made nothing that is known."""
    made = World(tmp_path / "w", live)
    for n, at in enumerate(moments()):
        made.decide(at, (-20, -20, 40), prices=n % 2 == 0)
    found = what_if(made.write(), MORE)
    assert (found["estimated"]["only_variant"], found["unknown"]["only_variant"]) == (40, 40)
    assert found["estimated"]["profit_bps"]["value"] == 0 and found["estimated"]["live_bps"]["value"] == -20
    assert found["estimated"]["verdict"] == DOUBT + "too much is not known"
    assert found["coverage"] == pytest.approx(200 / 240, abs=1e-4)


def test_a_move_counts_once(tmp_path, live):
    """The third would be published every three seconds, since nobody follows that it is held by then."""
    made = World(tmp_path / "w", live)
    for at in moments():
        made.decide(at, (0, 0, 100))
        for n in range(1, 20):
            made.decide(at + 3000 * n, (0, 0, 100), prices=False, closes=False)
    estimated = what_if(made.write(), MORE)["estimated"]
    assert estimated["better_bps"]["trades"] == [240, 160]
    assert estimated["profit_bps"]["value"] == pytest.approx(100 / 3, abs=1e-3)


def test_losers_that_stay_open_are_no_profit(tmp_path, live):
    """Survivorship: of the second, which it would not publish, only those that won are closed."""
    made = World(tmp_path / "w", live)
    for n, at in enumerate(moments()):
        made.decide(at, (0, -5 if n % 4 == 0 else 50, 0), closes=n % 4 != 0)
    real = what_if(made.write(), LESS)["real"]
    assert real["verdict"] == DOUBT + "too much is not known" and real["better_bps"]["coverage"] == 0.75


def test_a_first_price_from_after_the_decision_is_none(tmp_path, live):
    made = World(tmp_path / "w", live)
    for at in moments():
        made.decide(at, (0, 0, 0), prices=False)
        for ms in range(at + 1, at + 16 * MINUTE_MS, 10000):
            made.market.price(ms, {"R2USDT": 100.0})
    found = what_if(made.write(), MORE)
    assert (found["estimated"]["only_variant"], found["unknown"]["only_variant"]) == (0, 80)


def test_an_order_closes_once(tmp_path, live):
    """What is told of it later, with another profit, changes nothing."""
    made = World(tmp_path / "w", live)
    for at in moments():
        made.decide(at, (0, 0, 0))
    entries = made.market.archive
    for day in list(entries.days.values()):
        for ms, _, kind, sequence, fields in list(day):
            if kind == "result" and fields["status"] == "closed" and fields["symbol"] == "R0USDT":
                entries.add("result", ms + 60000, {**fields, "profit_usd": 5.0}, sequence)
    better = what_if(made.write(), LESS)["real"]["better_bps"]
    assert (better["value"], better["trades"]) == (0, [80, 160])


def test_no_price_from_after_a_moment(tmp_path, live):
    """It doubles right after the quarter of an hour, which is what nobody could have had."""
    made = World(tmp_path / "w", live)
    for at in moments():
        made.decide(at, (0, 0, 0))
        made.market.price(at + 1, {"R2USDT": 50.0})
        made.market.price(at + 15 * MINUTE_MS + 1, {"R2USDT": 200.0})
    assert what_if(made.write(), MORE)["estimated"]["better_bps"]["value"] == 0


def test_costs_are_taken_off(tmp_path, live):
    made = World(tmp_path / "w", live)
    for at in moments():
        made.decide(at, (0, 0, 0))
    folder = made.write()
    assert what_if(folder, MORE)["estimated"]["profit_bps"]["value"] == 0
    assert what_if(folder, MORE, "--cost-bps=30")["estimated"]["profit_bps"]["value"] == -20


def test_windows_that_cannot_be_decided_are_no_verdict(tmp_path, live):
    """A fifth of them is of settings that nobody has."""
    made = World(tmp_path / "w", live)
    for n, at in enumerate(moments()):
        made.market.more["settings"] = "0" * 64 if n % 5 == 0 else live["settings"]
        made.decide(at, (-20, -20, 40))
    found = what_if(made.write(), MORE)
    assert (found["windows"], found["decided"], found["not_comparable"], found["coverage"]) == (80, 64, 16, 0.8)
    assert found["estimated"]["verdict"] == DOUBT + "too much is not known"


def test_what_a_full_window_lost_may_have_ranked_otherwise(tmp_path, live):
    """Where scores or the gate choose, nobody knows; more slots do not reach down there."""
    made = World(tmp_path / "w", live)
    for n, at in enumerate(moments()):
        made.decide(at, (0, 0, 0), drops="outranked=2" if n % 2 else "")
    folder = made.write()
    for words in ("--set=score.rl_gate_bonus=0.3", "--set=window.min_confidence=0.98"):
        found = what_if(folder, words)
        assert (found["windows"], found["decided"], found["coverage"]) == (80, 40, 0.5)
        assert found["published_live"] == 80
    assert what_if(folder, MORE)["decided"] == 80


# --- what else


def test_a_gate_and_symbols(tmp_path, live):
    """Above the gate, and of fewer symbols, those behind move up; a list of names is one value."""
    folder = world(tmp_path / "w", live, (0, 0, 0), days=5)
    found = what_if(folder, "--set=window.min_confidence=0.985")
    assert (found["published_variant"], found["real"]["only_live"]) == (30, 30)
    found = what_if(folder, "--set=window.symbols=C0R1USDT,C0R2USDT,C1R0USDT", LESS)
    assert (found["published_variant"], found["real"]["both"]) == (10, 10)


def test_a_sweep_of_a_confidence(tmp_path, live):
    """With the target full only super-signals pass."""
    folder = world(tmp_path / "w", live, (0, 0, 0), days=5)
    found = what_if(folder, "--sweep=capacity.super_confidence=0.975..0.995:0.01", "--set=capacity.target_open=0")
    assert [(one["policy"][-5:], one["published_variant"]) for one in found["variants"]] == [("0.975", 60), ("0.985", 30), ("0.995", 0)]


def test_another_file(tmp_path, live):
    folder = world(tmp_path / "w", live, (-20, -20, 40))
    file = tmp_path / "other.conf"
    file.write_text(f"capacity: {{ max_new_per_cycle = 3 }};\n{AS_EVER}\n")
    done = what_if(folder, f"--with={file}")
    assert done["policy"] == str(file) and done["estimated"]["verdict"] == "better"


def test_the_text_begins_with_the_doubt(tmp_path, live):
    text = on_terminal(80, "replay", f"--archive={world(tmp_path / 'w', live, (0, 0, 0), days=3)}", MORE, url="redis://127.0.0.1:1")
    lines = [line.rstrip() for line in text[text.index("18 windows") :].splitlines() if line.strip()]
    assert lines[0].startswith("18 windows: 18 decided again") and lines[1] == "capacity.max_new_per_cycle=3"
    assert [line.split()[0] for line in lines[2:4]] == ["coverage", "open"]
    assert all(len(line) <= 80 for line in lines)
    assert any(line.startswith("estimated     not distinguishable: too few days: ") for line in lines), text


def test_out_of_redis(rig, live):
    """There results say what was real, and nobody knows the rest."""
    rig.db.delete(DECISIONS)
    at = rig.now_ms() - 20 * MINUTE_MS
    rows = [Row("AUSDT", confidence=0.95, profit_bps=100.0), Row("BUSDT", confidence=0.94, profit_bps=-10.0), Row("CUSDT", "outranked", confidence=0.93)]
    fields, intents = record(at, rows, settings=live["settings"], world=live["world"])
    rig.db.xadd(DECISIONS, {name: str(value) for name, value in fields.items()}, id=f"{at}-0")
    for n, (ms, result) in enumerate(sorted(results(at, intents), key=lambda result: result[0])):
        rig.db.xadd(RESULTS, {name: str(value) for name, value in result.items()}, id=f"{ms}-{n}")
    done = ctl("replay", "--json", MORE, url=rig.redis.url)
    assert (done.returncode, done.stderr) == (0, ""), done
    found = json.loads(done.stdout)
    assert (found["real"]["both"], found["unknown"]["only_variant"], found["decided"]) == (2, 1, 1)
    assert found["real"]["profit_bps"]["value"] == 45


def test_an_empty_redis(rig):
    done = ctl("replay", "--json", MORE, url=rig.redis.url)
    assert (done.returncode, json.loads(done.stdout)["windows"]) == (0, 0), done


@pytest.mark.parametrize("rules", ["", "capacity: { max_new_per_cycle = 3 };"])
def test_a_report_has_it_beside(tmp_path, live, rules):
    """The same figures as of replay, in the document, the text and the page."""
    folder = world(tmp_path / "w", live, (-20, -20, 40))
    file, page = tmp_path / "other.conf", tmp_path / "page.html"
    file.write_text(rules + AS_EVER)
    words = ("report", f"--archive={folder}", "--since=2026-01-19", f"--cost-bps={COST}", f"--with={file}")
    beside = json.loads(ctl(*words, "--json", f"--html={page}").stdout)["with"]
    alone = what_if(folder, f"--with={file}")
    del alone["v"]
    assert beside == alone and beside["published_variant"] == (360 if rules else 240)
    text = ctl(*words).stdout
    assert f"What would {file} have published in the same windows?" in text and alone["open_loop"].split(":")[0] in text
    assert f"What would {file} have published" in page.read_text() and page.read_text().count("Open loop: ") == 3


def test_a_report_says_why_it_has_it_not(tmp_path, live):
    folder = world(tmp_path / "w", live, (0, 0, 0), days=1)
    file = tmp_path / "other.conf"
    file.write_text("window: { seconds = 9.0 };")
    words = ("report", f"--archive={folder}", "--since=2026-01-19", f"--with={file}")
    document = json.loads(ctl(*words, "--json").stdout)
    assert document["published"] == 12 and document["with"]["policy"] == str(file) and "has no raw signals" in document["with"]["why"]
    assert "has no raw signals" in ctl(*words).stdout


# --- what is refused


@pytest.mark.parametrize(
    "words, said",
    [
        (["--set=capacity.max_new_per_cycle=x"], "capacity.max_new_per_cycle = 'x'"),
        (["--set=capacity.max_new_per_cycle"], "is no OPTION=VALUE"),
        (["--set=capacity.max_new_per_cycl=3"], "did you mean capacity.max_new_per_cycle"),
        (["--set=metrics.listen=x"], "metrics.listen decides nothing that records hold"),
        (["--set=sizing.rank_1_factor=2"], "it changes sizes alone"),
        (["--set=window.seconds=5"], "needs the raw signals"),
        ([MORE, LESS], "--set has capacity.max_new_per_cycle twice"),
        ([MORE, "--sweep=capacity.max_new_per_cycle=1..3"], "both change capacity.max_new_per_cycle"),
        ([MORE, "--with=other.conf"], "choose one"),
        (["--sweep=capacity.max_new_per_cycle=1..65"], "65 variants"),
        (["--sweep=capacity.max_new_per_cycle=3..1"], "A not above B"),
        (["--sweep=capacity.max_new_per_cycle=1..nan"], "is no OPTION=A..B"),
        (["--sweep=capacity.super_confidence=0.85..0.95"], "no OPTION=A..B:STEP"),
        (["--sweep=capacity.super_confidence=0..1:0.01"], "101 variants"),
        (["--sweep=capacity.max_new_per_cycle=0..3"], "capacity.max_new_per_cycle = 0 is out of range"),
        (["--with=/nowhere/other.conf"], "/nowhere/other.conf"),
        (["--html=page.html"], "it needs --set, --with or --sweep"),
    ],
)
def test_wrong_usage(words, said):
    expect_refused(2, said, "replay", *words)


@pytest.mark.parametrize(
    "words, said",
    [
        (["--set=window.min_confidence=0.1"], "has no raw signals of these windows"),
        (["--set=governor.max_per_minute=3"], "nobody counted for it"),
    ],
)
def test_what_records_cannot_know(tmp_path, live, words, said):
    folder = world(tmp_path / "w", live, (0, 0, 0), days=1)
    expect_refused(2, said, "replay", f"--archive={folder}", *words)
    file = tmp_path / "other.conf"
    file.write_text("window: { seconds = 9.0 };\n")
    expect_refused(2, "has no raw signals of these windows", "replay", f"--archive={folder}", f"--with={file}")
