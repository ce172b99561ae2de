"""What records cannot know, decided from the raw signals of an archive: a lower gate, another window, more symbols."""

import hashlib
import json

import pytest
from harness.ctl import ctl, expect_refused
from harness.market import BEGIN_MS, DAY_MS, MINUTE_MS
from harness.names import DECISIONS, SETTINGS
from harness.rig import WINDOW_SEC
from harness.what_if import COST, World, live_of

APPROXIMATE = "approximate: arrival taken from the ids"
LOWER = "--set=window.min_confidence=0.6"
DOUBT = "not distinguishable: "


@pytest.fixture
def live(rig):
    """Of a router with windows of three seconds."""
    found = live_of(rig)
    text = found["text"].replace(f"window.seconds = {WINDOW_SEC:g}", "window.seconds = 3")
    assert text != found["text"]
    return {**found, "text": text, "settings": hashlib.sha256(text.encode()).hexdigest()}


class Raw(World):
    """Every window with its signals, and one below the gate that records know nothing of."""

    def signal(self, ms, symbol, confidence, sequence=0, **more):
        fields = {"symbol": symbol, "side": "BUY", "confidence": confidence, "position_size_usd": 100, **more}
        self.market.archive.add("signal", ms, fields, sequence)

    def decide(self, at, made, low=None, has_raw=True, **more):
        super().decide(at, made[:3], **more)
        name = more.get("name", "")
        if has_raw:
            for rank in range(3):
                self.signal(at - 1000, f"{name}R{rank}USDT", 0.99 - rank / 100, rank + 1)
        if low is not None:
            self.signal(at - 900, f"{name}LOWUSDT", 0.7)
            self.market.price(at - 5000, {f"{name}LOWUSDT": 100.0})
            self.market.price(at + 15 * MINUTE_MS - 5000, {f"{name}LOWUSDT": 100.0 * (1 + (low + COST) / 1e4)})


def moments(days=10, cycles=6):
    for day in range(days):
        for cycle in range(cycles):
            yield BEGIN_MS + day * DAY_MS + (cycle + 1) * 60 * MINUTE_MS


def what_if(folder, *words):
    done = ctl("replay", f"--archive={folder}", f"--cost-bps={COST}", "--json", *words)
    assert (done.returncode, done.stderr) == (0, ""), done
    return json.loads(done.stdout)


@pytest.fixture
def world(tmp_path, live):
    made = Raw(tmp_path / "w", live)
    for n, at in enumerate(moments()):
        made.decide(at, (n % 3 - 1, n % 3 - 1, 0), low=60, name=f"C{n % 6}")
    return made.write()


def parts(found):
    return {part: sum(found[outcome][part] for outcome in ("real", "estimated", "unknown")) for part in ("both", "only_live", "only_variant")}


def test_what_has_no_place_changes_nothing(world):
    """A lower gate lets in what ranks last: all that was published is published again."""
    found = what_if(world, LOWER)
    assert parts(found) == {"both": 120, "only_live": 0, "only_variant": 0}
    assert (found["windows"], found["decided"], found["coverage"], found["approximate"]) == (60, 60, 1.0, APPROXIMATE)
    assert "nearest record" in found["open_loop"] and found["real"]["verdict"].startswith(DOUBT)


def test_a_lower_gate(world):
    """Where there is room it finds what was dropped, and what that made."""
    found = what_if(world, LOWER, "--set=capacity.max_new_per_cycle=4,capacity.target_open=9")
    assert parts(found) == {"both": 120, "only_live": 0, "only_variant": 120}
    better = found["estimated"]["better_bps"]
    assert found["estimated"]["verdict"] == "better" and better["low"] <= 15 <= better["high"]


def test_above_the_gate_it_is_exact(world):
    found = what_if(world, "--sweep=capacity.target_open=1..2", "--set=window.min_confidence=0.75")
    assert [one["approximate"] for one in found["variants"]] == [None, None]


def test_another_window(tmp_path, live):
    """Windows of six seconds follow from the first record on: of the two behind it they make one, with the best two of six."""
    made = Raw(tmp_path / "w", live)
    for at in moments(days=6):
        for n, name in enumerate("ABC"):
            made.decide(at + 3000 * n, (0, 0, 0), name=name)
    folder = made.write()
    assert parts(what_if(folder, "--set=window.seconds=6")) == {"both": 144, "only_live": 72, "only_variant": 0}
    assert parts(what_if(folder, "--set=window.seconds=1.5")) == {"both": 216, "only_live": 0, "only_variant": 0}


def test_more_symbols(tmp_path, live):
    text = live["text"].replace("window.symbols = \n", "window.symbols = R0USDT,R1USDT,R2USDT\n")
    assert text != live["text"]
    narrow = {**live, "text": text, "settings": hashlib.sha256(text.encode()).hexdigest()}
    made = Raw(tmp_path / "w", narrow)
    for at in moments():
        made.decide(at, (0, 0, 0))
        made.signal(at - 800, "NEWUSDT", 0.995)
    found = what_if(made.write(), "--set=window.symbols=R0USDT,R1USDT,R2USDT,NEWUSDT")
    assert parts(found) == {"both": 60, "only_live": 60, "only_variant": 60} and found["approximate"] == APPROXIMATE


def test_a_decision_counts_once(tmp_path, live):
    """The engine says the same again in the next window, below the gate and without a record: the policy published it already.
    What comes behind the last record is in no window."""
    made = Raw(tmp_path / "w", live)
    for n, at in enumerate(moments(days=1)):
        made.decide(at, (0, 0, 0), name=f"C{n}")
        for again in range(3):
            made.signal(at + 1000 + 3000 * again, "LOWUSDT", 0.7, correlation_id=f"one-{n}")
    assert parts(what_if(made.write(), LOWER))["only_variant"] == 5


def test_half_of_the_signals_are_no_verdict(tmp_path, live):
    made = Raw(tmp_path / "w", live)
    for n, at in enumerate(moments()):
        made.decide(at, (0, 0, 0), low=60, has_raw=n % 2 == 0, name=f"C{n % 6}")
    found = what_if(made.write(), LOWER, "--set=capacity.max_new_per_cycle=4,capacity.target_open=9")
    assert (found["windows"], found["decided"], found["coverage"]) == (60, 30, 0.5)
    assert found["estimated"]["verdict"] == DOUBT + "too much is not known"


def test_each_says_that_it_is_approximate(tmp_path, world):
    page = tmp_path / "page.html"
    words = ("replay", f"--archive={world}", LOWER)
    assert ctl(*words, f"--html={page}").returncode == 0
    assert ctl(*words).stdout.count(APPROXIMATE) == 1
    # By prices, by results, and of the intents.
    assert page.read_text().count(f"{APPROXIMATE}. Open loop: ") == 3
    other = tmp_path / "other.conf"
    other.write_text("window: { min_confidence = 0.6 };")
    report = ("report", f"--archive={world}", "--since=2026-01-19", f"--with={other}")
    assert APPROXIMATE in ctl(*report).stdout and json.loads(ctl(*report, "--json").stdout)["with"]["approximate"] == APPROXIMATE


def test_without_raw_signals_it_says_what_to_do(tmp_path, rig, live):
    made = Raw(tmp_path / "w", live)
    for at in moments(days=1):
        made.decide(at, (0, 0, 0), has_raw=False)
    folder = made.write()
    expect_refused(2, "has no raw signals of these windows", "replay", f"--archive={folder}", LOWER)
    expect_refused(2, "give --archive=DIR", "replay", "--set=window.seconds=5")
    # Redis has the records, with what the router wrote of its settings.
    assert rig.db.exists(DECISIONS, SETTINGS) == 2
    expect_refused(2, "give --archive=DIR", "replay", LOWER, url=rig.redis.url)
