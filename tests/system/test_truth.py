"""What report and replay say of worlds that a seed made, whose truth is known: ten of each, a hundred in the long run.

Nothing is found where there is nothing in 93 of a hundred, what was planted is found, and intervals hold the truth in 90 to 98
of a hundred: all of one table together, since that is what a table promises. Of ten that is asked for what ten can tell.
"""

import json

import pytest
from harness.ctl import ctl
from harness.market import Truth, world
from harness.waiting import FULL
from harness.what_if import COST, SHARED, SPREAD, live_of
from harness.what_if import world as windows

SEEDS = range(1, 101 if FULL else 11)
FOUND_MOST = 7 if FULL else 1
HELD = range(90, 99) if FULL else range(8, 11)


def told(command, folder, *words):
    done = ctl(command, f"--archive={folder}", f"--cost-bps={COST}", "--json", *words)
    assert (done.returncode, done.stderr) == (0, ""), done
    for path in folder.iterdir():
        path.unlink()
    return json.loads(done.stdout)


def holds(figure, truth):
    """Of what is the same in all draws, the last digit is beyond what a document tells."""
    return figure["low"] - 1e-3 <= truth <= figure["high"] + 1e-3


# --- report


class Reports:
    """Of all seeds: in how many each table held the truth, and in how many it found something."""

    def __init__(self, folder, truth, **size):
        self.held = {"questions": 0, "vetoes": 0}
        self.found = dict(self.held)
        self.documents = []
        for seed in SEEDS:
            self.take(truth, told("report", world(folder / str(seed), seed, truth, **size).write(), "--since=2026-01-19"))

    def take(self, truth, document):
        asked = [(document["questions"][name], value) for name, value in truth.questions().items()]
        vetoes = [(row, truth.veto()) for row in document["vetoes"]]
        assert len(vetoes) == 3
        for table, rows in (("questions", asked), ("vetoes", vetoes)):
            self.held[table] += all(holds(figure, value) for figure, value in rows)
            self.found[table] += any(figure["distinguishable"] for figure, _ in rows)
        self.documents.append(document)


def expect_held(held):
    print(held)
    assert all(count in HELD for count in held.values()), held


def test_a_report_finds_nothing_where_there_is_nothing(tmp_path):
    """Confidence says how often it is right, ranks and boosts say nothing, and what is refused is as good as what passes."""
    reports = Reports(tmp_path, Truth(hit=lambda confidence: confidence))
    print(reports.found)
    assert all(count <= FOUND_MOST for count in reports.found.values()), reports.found
    expect_held(reports.held)


def test_a_report_finds_what_was_planted(tmp_path):
    reports = Reports(tmp_path, Truth(first=25.0, second=-10.0, outranked=-30.0))
    for document in reports.documents:
        questions = document["questions"]
        assert [questions[name]["verdict"] for name in ("ranks", "boosts")] == ["yes", "yes"]
        # A share of 0.875 was said, and about half were right.
        assert questions["confidence"]["verdict"] == "no, it is too high"
        assert all(row["distinguishable"] and row["value"] > 0 for row in document["vetoes"])
    expect_held(reports.held)


def test_a_report_of_a_week_is_as_sure_as_it_says(tmp_path):
    """Few days vary less among themselves than the market does."""
    expect_held(Reports(tmp_path, Truth(first=25.0, second=-10.0, outranked=-30.0), days=7).held)


# --- what if

MEANS = (-30, 10, 50)
FIGURES = ("better_bps", "profit_bps", "live_bps", "hit_rate")


def truths(means, variant):
    """Of a policy that publishes so many of each window, where two were."""
    truth = Truth(spread=SPREAD, shared=SHARED)
    own, live = means[:variant], means[:2]
    profit, live_profit = sum(own) / len(own), sum(live) / len(live)
    return dict(zip(FIGURES, (profit - live_profit, profit, live_profit, sum(map(truth.hit_rate, own)) / len(own))))


@pytest.fixture
def live(rig):
    return live_of(rig)


def replay(folder, live, means, words, **size):
    """Of all seeds."""
    for seed in SEEDS:
        document = told("replay", windows(folder / f"{words[-4:]}.{seed}", live, means, seed, apart=True, **size), words)
        yield document.get("variants", [document])


def held(documents, truth, measures=("real", "estimated")):
    """In how many each figure held the truth, by results and by prices."""
    counts = dict.fromkeys(FIGURES, 0)
    for (one,) in documents:
        for figure in FIGURES:
            counts[figure] += all(holds(one[measure][figure], truth[figure]) for measure in measures)
    return counts


def test_a_replay_finds_nothing_where_there_is_nothing(tmp_path, live):
    """However many policies one call asks about."""
    calls = replay(tmp_path, live, (0, 0, 0), "--sweep=capacity.max_new_per_cycle=1..3")
    found = sum(any(one[how]["better_bps"]["distinguishable"] for one in variants for how in ("real", "estimated")) for variants in calls)
    print(found)
    assert found <= FOUND_MOST


def test_a_replay_finds_what_was_planted(tmp_path, live):
    """The first is worse than both, and the third so much better."""
    for variants in replay(tmp_path, live, MEANS, "--sweep=capacity.max_new_per_cycle=1..3", cycles=12):
        verdicts = [one["estimated"]["verdict"] for one in variants]
        assert verdicts == ["worse", "not distinguishable: the interval holds zero", "better"], verdicts
        assert variants[0]["real"]["verdict"] == "worse"


@pytest.mark.parametrize("days", [20, 7])
def test_a_replay_is_as_sure_as_it_says(tmp_path, live, days):
    calls = replay(tmp_path, live, MEANS, "--set=capacity.max_new_per_cycle=1", days=days)
    expect_held(held(calls, truths(MEANS, 1)))
