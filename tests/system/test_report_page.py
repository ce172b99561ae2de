"""The page of quantumctl report, in a real browser: what is seen, however wide, light, dark and on paper."""

import re

import pytest
from harness.browser import Browser
from harness.ctl import ctl, expect_refused
from harness.market import BEGIN_MS, DAY_MS, MINUTE_MS, Market, Row, Truth, world

LOOKS = [(width, theme) for width in (320, 768, 1440) for theme in ("light", "dark")]
HOSTILE = "<script>alert('x')</script>&amp;\"><img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def browser():
    browser = Browser()
    yield browser
    browser.close()


def save(tmp_path, market):
    path = tmp_path / "report.html"
    done = ctl("report", f"--archive={market.write()}", "--since=2026-01-19", f"--html={path}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    return path


@pytest.fixture
def page(tmp_path):
    """Something of everything."""
    market = world(tmp_path / "archive", 5, Truth(first=20.0, second=-5.0, outranked=-25.0))
    for day in range(20):
        at = BEGIN_MS + day * DAY_MS + 14 * 60 * MINUTE_MS
        market.decide(at, [Row("AUSDT", profit_bps=None), Row("BUSDT", refused=("rejected", HOSTILE)), Row("CUSDT", "no_slots")])
    return save(tmp_path, market)


def test_it_asks_for_nothing_and_everything_has_a_name(browser, page):
    browser.look()
    browser.open(page.as_uri())
    assert browser.asked_for() == {page.as_uri()} and browser.console() == []
    assert browser.unnamed() == []
    assert HOSTILE[:40] in browser.text("body") and browser.js("return document.scripts.length + document.images.length") == 0
    assert not re.search(r"https?:|@import|url\(", page.read_text())


@pytest.mark.parametrize("width, theme", LOOKS)
def test_it_fits_and_can_be_read(browser, page, width, theme):
    browser.look(width, theme=theme)
    browser.open(page.as_uri())
    assert not browser.scrolls_sideways()
    contrast, text = browser.least_contrast()
    assert contrast >= 4.5, text
    assert browser.words_outside() == []
    browser.keep_picture("report", width, theme)


def test_each_picture_has_its_table_and_says_what_it_shows(browser, page):
    browser.look()
    browser.open(page.as_uri())
    pictures = browser.js("""
        return [...document.querySelectorAll("figure")].map((figure) => [figure.querySelector("h2").innerText,
          figure.querySelectorAll("svg").length, figure.querySelectorAll("tbody tr").length]);""")
    titles = [title for title, _, _ in pictures]
    assert len(titles) == 6 and all(rows > 0 for _, _, rows in pictures)
    assert sum(drawn for _, drawn, _ in pictures) == 5
    assert "of the candidates were published" in titles[1] and "stated confidence is too high" in titles[3]
    assert titles[0].startswith("Profit not distinguishable: ")


def test_the_pictures_say_what_the_tables_say(browser, page):
    """A bar of the funnel is as long as its count."""
    browser.look()
    browser.open(page.as_uri())
    wide, counts = browser.js("""
        const funnel = document.querySelectorAll("figure")[1];
        return [[...funnel.querySelectorAll("rect")].map((bar) => +bar.getAttribute("width")),
          [...funnel.querySelectorAll("tbody tr")].map((row) => +row.children[1].innerText)];""")
    assert len(wide) == len(counts) == 6
    for bar, count in zip(wide, counts):
        assert bar == pytest.approx(max(1, count / counts[0] * wide[0]), abs=0.1)


def test_on_paper_it_is_black_on_white(browser, page):
    browser.expect_black_on_white(page.as_uri())


def test_what_nothing_is_known_of(browser, tmp_path):
    """One decision and no more: no picture is broken, and nothing is claimed."""
    market = Market(tmp_path / "archive")
    market.decide(BEGIN_MS + MINUTE_MS, [Row("AUSDT", profit_bps=None)], prices=False)
    page = save(tmp_path, market)
    browser.look(320)
    browser.open(page.as_uri())
    assert browser.console() == [] and not browser.scrolls_sideways()
    assert not re.search(r"\b(nan|inf)\b", page.read_text())
    assert browser.text("body").count("not distinguishable") >= 5
    # An empty picture would say that it was nothing.
    assert browser.js("return [...document.querySelectorAll('figure')].map((figure) => figure.querySelectorAll('tbody tr').length)").count(0) == 0


def test_a_file_that_cannot_be_written(tmp_path):
    market = Market(tmp_path / "archive")
    market.decide(BEGIN_MS + MINUTE_MS, [Row("AUSDT")])
    expect_refused(1, "cannot be written", "report", f"--archive={market.write()}", "--since=2026-01-19", f"--html={tmp_path}/no/report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]
