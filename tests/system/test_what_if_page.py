"""The page of a what-if, in a real browser: what is seen of one policy and of a sweep, however wide, light, dark and on paper."""

import json
import re

import pytest
from harness.browser import Browser
from harness.ctl import ctl, expect_refused
from harness.what_if import COST, live_of, world

LOOKS = [(width, theme) for width in (320, 390, 1200) for theme in ("light", "dark")]
MORE = "--set=capacity.max_new_per_cycle=3"
SWEEP = "--sweep=capacity.max_new_per_cycle=1..4"
FIGURES = """
return [...document.querySelectorAll("figure")].map((figure) => [figure.querySelector("h2").innerText,
  figure.querySelectorAll("svg").length, figure.querySelectorAll("tbody tr").length, figure.querySelector(".caveat").innerText]);
"""


@pytest.fixture(scope="module")
def browser():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def folder(tmp_path, rig):
    """By prices the third of each window makes 60 more, of which results know nothing."""
    return world(tmp_path / "w", live_of(rig), (-20, -20, 40))


def save(tmp_path, folder, *words):
    path = tmp_path / "what-if.html"
    done = ctl("replay", f"--archive={folder}", f"--cost-bps={COST}", f"--html={path}", *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    return path


@pytest.mark.parametrize("words", [MORE, SWEEP])
def test_it_fits_and_can_be_read(browser, tmp_path, folder, words):
    page = save(tmp_path, folder, words)
    for width, theme in LOOKS:
        browser.look(width, theme=theme)
        browser.open(page.as_uri())
        assert browser.asked_for() == {page.as_uri()} and browser.console() == [] and browser.unnamed() == []
        assert not browser.scrolls_sideways(), width
        contrast, text = browser.least_contrast()
        assert contrast >= 4.5, text
        assert browser.words_outside() == []
        browser.keep_picture("what-if" if words == MORE else "sweep", width, theme)
    browser.expect_black_on_white(page.as_uri())
    assert not re.search(r"https?:|@import|url\(", page.read_text())


def test_one_policy(browser, tmp_path, folder):
    """Each figure says what it found and what it does not follow, and has the numbers of --json."""
    browser.look()
    browser.open(save(tmp_path, folder, MORE).as_uri())
    figures = browser.js(FIGURES)
    assert [figure[1] for figure in figures] == [1, 1, 1] and [figure[2] for figure in figures] == [1, 1, 3]
    assert all("not followed" in caveat for *_, caveat in figures)
    found = json.loads(ctl("replay", f"--archive={folder}", f"--cost-bps={COST}", "--json", MORE).stdout)
    better = found["estimated"]["better_bps"]
    assert figures[0][0] == f"By prices it is better: {better['value']:+.1f} bps a trade [{better['low']:+.1f}, {better['high']:+.1f}]"
    assert figures[1][0] == "By results not distinguishable: too much is not known"
    assert figures[2][0] == "It publishes 360 intents, and live 240: 240 are of both"
    assert browser.text("h1") == "What if capacity.max_new_per_cycle=3?" and "Coverage 100.0%" in browser.text("body")


def test_the_bars_are_as_long_as_the_table_says(browser, tmp_path, folder):
    browser.look()
    browser.open(save(tmp_path, folder, MORE).as_uri())
    wide, counts = browser.js("""
        const parts = [...document.querySelectorAll("figure")].at(-1);
        return [[...parts.querySelectorAll("rect")].slice(3).map((bar) => +bar.getAttribute("width")),
          [...parts.querySelectorAll("tbody tr")].flatMap((row) => [1, 2, 3].map((n) => +row.children[n].innerText))];""")
    assert counts == [240, 0, 0, 0, 0, 120, 0, 0, 0]
    for bar, count in zip(wide, counts, strict=True):
        assert bar == pytest.approx(count / 240 * wide[0], abs=0.1)


def test_a_sweep(browser, tmp_path, folder):
    browser.look()
    browser.open(save(tmp_path, folder, SWEEP).as_uri())
    figures = browser.js(FIGURES)
    assert figures[0][0] == "By prices 2 of 4 better, 0 worse, 2 not distinguishable"
    assert [figure[2] for figure in figures] == [4, 4, 12]
    assert figures[2][0] == "The policies publish 120 to 360 intents"


def test_what_nothing_is_known_of(browser, tmp_path, rig):
    """Nothing is claimed, and no picture is empty."""
    page = save(tmp_path, world(tmp_path / "w", live_of(rig), (0, 0, 0), days=1, cycles=1), "--set=governor.max_daily_trades=1")
    browser.look(320)
    browser.open(page.as_uri())
    assert browser.console() == [] and not browser.scrolls_sideways()
    assert not re.search(r"\b(nan|inf)\b", page.read_text())
    assert browser.text("body").count("not distinguishable") >= 2


def test_a_file_that_cannot_be_written(tmp_path, folder):
    expect_refused(1, "cannot be written", "replay", f"--archive={folder}", MORE, f"--html={tmp_path}/no/page.html")
