"""The page of quantumctl web, in a real browser: what people see, in every state, however wide, by keyboard and by ear."""

import subprocess
import time

import pytest

from selenium.webdriver.common.keys import Keys

from harness.browser import Browser
from harness.names import DEAD_LETTERS, HELD, OPEN_ORDERS, RESULTS, SAFE_MODE, SAFE_REASON, SIGNALS
from harness.page import Page
from harness.process import BUILD, ROOT, clean_environment
from harness.redis import free_port
from harness.signals import signal
from harness.waiting import PATIENCE_SEC
from harness.web import Web
from test_web import DECISIONS, HOSTILE, record, result, row

LOOKS = [(width, theme) for width in (320, 768, 1440) for theme in ("light", "dark")]
LONG = {"CANDIDATE_WINDOW_SEC": "600", "SIGNAL_MAX_AGE_SEC": "100000"}


@pytest.fixture(scope="session")
def chromium():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def browser(chromium):
    chromium.look()
    yield chromium
    chromium.driver.get("about:blank")


@pytest.fixture
def web(rig):
    web = Web(rig)
    yield web
    web.terminate()


def shown(browser, web, word):
    browser.open(f"{web.url}/")
    browser.expect(f"the state {word}", "document.getElementById('state-word').textContent === arguments[0]", word)


def expect_sound(browser, web):
    """Whatever it shows: nothing but its own server was asked, the console is silent, everything has a name and can be read."""
    assert browser.console() == []
    assert browser.unnamed() == []
    assert browser.asked_for() <= {web.url + path for path in ("/", "/page.css", "/page.js", "/icon.svg", "/state.json")}
    for theme in ("light", "dark"):
        browser.look(theme=theme)
        contrast, text = browser.least_contrast()
        assert contrast >= 4.5, (theme, text)


def fill(rig):
    """Something of everything."""
    rig.set_open(4)
    rig.db.hset(HELD, mapping={"BTCUSDT": "BUY", "ETHUSDT": "SELL 2", "1000PEPEUSDT": "BUY"})
    fates = ("published", "outranked", "same_symbol", "duplicate", "no_slots", "safe_mode", "stale")
    for number in range(20):
        rows = [row(rank=1, signal_id=f"{1768824000000 + number}-0"), row("ETHUSDT", "SELL", 0.91, "outranked", 2)]
        counts = {fate: (number * (place + 3)) % 7 for place, fate in enumerate(fates)}
        rig.db.xadd(DECISIONS, record(rows, at=1768824000000 + 3000 * number, safe=number % 9 == 8, **counts))
    for status, more in (("filled", {"side": "BUY"}), ("closed", {"action": "CLOSE", "profit_usd": "12.5"}), ("rejected", {"reason": "rate_global"})):
        rig.db.xadd(RESULTS, result(status, price="60000.5", **more))
    rig.db.xadd(DEAD_LETTERS, {"reason": "x"})


# --- the states


def unknown(rig):
    rig.db.delete(OPEN_ORDERS)


def unreadable(rig):
    rig.db.set(OPEN_ORDERS, "abc")


def open_slots(rig):
    rig.set_open(1)
    rig.db.hset(HELD, "BTCUSDT", "BUY")


def target(rig):
    rig.set_open(3)


def full(rig):
    rig.set_open(10)


def halted(rig):
    rig.set_open(1)
    rig.db.set(SAFE_MODE, "1", ex=900)
    rig.db.set(SAFE_REASON, "anna 12:00 the exchange answers with errors")


STATES = [
    (unknown, "Unknown", "unknown", "Nothing passes"),
    (unreadable, "Unreadable", "unknown", "abc"),
    (open_slots, "Open", "ok", "the best 2 of each window pass"),
    (target, "Target reached", "target", "confidence 0.9 and above"),
    (full, "Full", "full", "nothing passes now"),
    (halted, "Halted", "halt", "nothing is published"),
]


def test_every_state_has_its_word_its_colour_and_its_shape(rig, browser, web):
    looks = {}
    for make, word, name, says in STATES:
        make(rig)
        shown(browser, web, word)
        assert says in browser.text("#state-says")
        shape = browser.js("return document.querySelector('#state-shape path').getAttribute('d')")
        colour = browser.js("return getComputedStyle(document.getElementById('state-word')).color")
        looks.setdefault(name, set()).add((shape, colour))
        expect_sound(browser, web)
        browser.keep_picture(f"state-{make.__name__}", 1440, "light")
    assert browser.text("#safe").startswith("Halted. anna 12:00 the exchange answers with errors")
    assert "quantumctl resume" in browser.text("#safe")
    assert all(len(seen) == 1 for seen in looks.values())
    shapes, colours = zip(*(seen.pop() for seen in looks.values()))
    assert len(set(shapes)) == len(set(colours)) == len(looks)


def test_a_state_that_is_lost_is_an_emergency(rig, browser, web):
    rig.set_open(1)
    rig.db.hset("quantum:exec:server", mapping={"unsure_since": str(2**53 - 1), "unsure_resumed": ""})
    shown(browser, web, "Rolled back")
    assert "quantumctl resume" in browser.text("#state-says")
    expect_sound(browser, web)


def test_with_nothing_in_it_each_part_says_why(rig, browser, web):
    shown(browser, web, "Unknown")
    for part, why in {
        "#window-empty": "no router answers",
        "#cycles-empty": "None yet",
        "#results-empty": "No result yet",
    }.items():
        assert why in browser.text(part)
    assert browser.js("return document.querySelectorAll('#boxes .unknown').length") == 10
    expect_sound(browser, web)
    browser.keep_picture("empty", 1440, "light")


# --- what it shows


def test_slots_are_boxes(rig, browser, web):
    fill(rig)
    shown(browser, web, "Target reached")
    boxes = browser.js("return [...document.querySelectorAll('#boxes li')].map((box) => [box.className, box.innerText.replace('\\n', ' ')])")
    assert boxes[:4] == [["held", "1000PEPEUSDT BUY"], ["held", "BTCUSDT BUY"], ["held", "ETHUSDT SELL"], ["held", "ETHUSDT SELL"]]
    assert boxes[4:] == [["free beyond", "free beyond target"]] * 6
    rig.set_open(1)
    rig.db.delete(HELD)
    browser.expect("a box without a name", "document.querySelector('#boxes li').innerText.includes('symbol not known')")
    assert "is not shown" in browser.text("#slots-note")


def start_router(rig):
    port = free_port()
    rig.start_router("--window.max_candidates=4000", METRICS_LISTEN=f"127.0.0.1:{port}", **LONG)
    Page(port).expect_ready(200, "role=leader")
    return Web(rig, metrics=f"127.0.0.1:{port}")


def best_rows(browser):
    return browser.js("return [...document.querySelectorAll('#best tbody tr')].map((row) => row.innerText.trim().split(/\\s+/))")


@pytest.mark.parametrize("count", [10, 4000])
def test_the_window_and_its_cut(rig, browser, count):
    rig.set_open(0)
    web = start_router(rig)
    rig.must_write(*(signal(f"S{i:04}USDT", "SELL", 0.76 + 0.23 * i / count) for i in range(count)))
    shown(browser, web, "Open")
    browser.expect(
        f"{count} candidates", "document.getElementById('window-figures').innerText.includes(arguments[0])", f"{count:,} of 4,000"
    )
    rows = best_rows(browser)
    assert [words[0] for words in rows] == ["1", "2", "cut:", *"3 4 5 6 7 8 9 10".split()]
    assert rows[0] == ["1", f"S{count - 1:04}USDT", "SELL", f"{0.76 + 0.23 * (count - 1) / count:.3f}", "passes"]
    assert rows[2] == ["cut:", "2", "pass"] and rows[3][-1] == "outranked"
    expect_sound(browser, web)
    browser.keep_picture(f"window-{count}", 1440, "dark")
    rig.set_open(10)
    browser.expect("none passes", "document.querySelector('#best tbody tr').innerText.includes('cut: none passes')")
    web.terminate()


@pytest.mark.parametrize("width, theme", LOOKS)
def test_nothing_is_wider_than_the_screen(rig, browser, web, width, theme):
    fill(rig)
    rig.db.hset(HELD, "A" * 32, "BUY")
    rig.db.set(SAFE_MODE, "x" * 120)
    rig.db.xgroup_create(SIGNALS, "g" * 90, id="0", mkstream=True)
    browser.look(width, theme=theme)
    shown(browser, web, "Halted")
    browser.expect("cycles", "document.querySelectorAll('#cycle-list li').length === 20")
    assert not browser.scrolls_sideways()
    contrast, text = browser.least_contrast()
    assert contrast >= 4.5, text
    browser.keep_picture("all", width, theme)


def test_hostile_text_is_text(rig, browser, web):
    rig.set_open(1)
    rig.db.set(SAFE_MODE, HOSTILE)
    rig.db.set(SAFE_REASON, HOSTILE)
    rig.db.xgroup_create(SIGNALS, HOSTILE, id="0", mkstream=True)
    rig.db.xadd(RESULTS, {name: HOSTILE for name in ("symbol", "action", "status", "reason", "intent_id", "side")})
    hostile = HOSTILE.replace(" ", "")
    rig.db.xadd(DECISIONS, record([row(hostile, hostile, fate=hostile, signal_id=hostile)], state=hostile, published=1))
    shown(browser, web, "Halted")
    for part in ("#safe", "#streams", "#results", "#cycle-list", "#findings"):
        assert "<img" in browser.text(part), part
    assert browser.js("return document.querySelectorAll('img, script:not([src])').length") == 0
    assert browser.js("return [...document.links].every((link) => link.origin === location.origin)")
    expect_sound(browser, web)


# --- how old it is


def seconds_until(browser, what, script):
    began = time.monotonic()
    browser.expect(what, script)
    return time.monotonic() - began


IS_STALE = "document.body.classList.contains('is-stale') && !document.getElementById('stale').hidden"


def test_a_server_that_is_gone_shows_within_three_seconds(rig, browser, web):
    rig.set_open(1)
    shown(browser, web, "Open")
    assert not browser.js(f"return {IS_STALE}")
    port = web.port
    web.kill()
    assert seconds_until(browser, "stale", IS_STALE) <= 3
    assert browser.text("#stale").startswith("Stale") and browser.text("#state-word") == "Open"
    browser.keep_picture("stale", 1440, "light")
    again = Web(rig, port=port)
    browser.expect("fresh", f"!({IS_STALE})")
    again.terminate()


def test_what_cannot_be_drawn_is_not_shown_as_fresh(rig, browser, web):
    rig.set_open(1)
    shown(browser, web, "Open")
    browser.js("drawSlots = () => { throw new Error('as of a server of another version'); }")
    browser.expect("it is said", f"{IS_STALE} && document.getElementById('stale').innerText.includes('cannot be drawn')")


def test_redis_away_is_said(rig, browser, web):
    rig.set_open(1)
    shown(browser, web, "Open")
    rig.redis.kill()
    browser.expect("it is said", f"{IS_STALE} && document.getElementById('stale').innerText.includes('Redis at')")
    browser.keep_picture("redis-away", 1440, "dark")
    rig.redis.start()
    rig.set_open(10)
    browser.expect("it is back", f"!({IS_STALE}) && document.getElementById('state-word').textContent === 'Full'")


# --- how it is used


def test_the_theme_is_the_systems_until_one_is_chosen(rig, browser, web):
    dark = "matchMedia('(prefers-color-scheme: dark)').matches"
    paper = "getComputedStyle(document.body).backgroundColor"
    seen = {}
    for theme in ("light", "dark"):
        browser.look(theme=theme)
        shown(browser, web, "Unknown")
        assert browser.js(f"return {dark}") == (theme == "dark")
        seen[theme] = browser.js(f"return {paper}")
    assert seen["light"] != seen["dark"]
    browser.tab_to("#theme")
    browser.press(Keys.ENTER)
    assert browser.text("#theme") == "Theme: light" and browser.js(f"return {paper}") == seen["light"]
    browser.driver.refresh()
    assert browser.js(f"return {paper}") == seen["light"]
    assert browser.js("return Object.keys(localStorage).join()") == "theme"
    assert browser.js("return document.cookie") == ""
    browser.js("localStorage.clear()")


def decided(rig):
    """Cycles of a real router: the ids of their signals."""
    rig.set_open(0)
    rig.start_router()
    ids = []
    for _ in range(3):
        ids += rig.must_write(*(signal(symbol, confidence=0.95 - i / 50) for i, symbol in enumerate(("BTCUSDT", "ETHUSDT", "SOLUSDT"))))
        rig.expect_drained()
    return ids


PANEL = "document.getElementById('panel').open"


def test_by_keyboard_alone_to_an_explanation_and_back(rig, browser, web):
    ids = decided(rig)
    shown(browser, web, "Open")
    browser.expect("cycles", "document.querySelectorAll('#cycle-list li').length === 3")
    browser.press(Keys.TAB)
    assert browser.js("return document.activeElement.className") == "skip"
    browser.tab_to("#cycle-list a")
    link = browser.js("return document.activeElement.getAttribute('aria-label')")
    assert "2 published, 1 outranked" in link and "best BTCUSDT BUY at 0.950, published" in link
    browser.press(Keys.ENTER)
    browser.expect("the panel", f"{PANEL} && document.getElementById('panel-body').innerText.includes('It passed')")
    assert browser.driver.current_url == f"{web.url}/#/signal/{ids[6]}"
    assert "BTCUSDT BUY: published" in browser.text("#panel-body")
    assert browser.console() == [] and browser.unnamed(least=3) == []
    for theme in ("light", "dark"):
        browser.look(theme=theme)
        assert browser.least_contrast()[0] >= 4.5
        browser.keep_picture("explained", 1440, theme)
    browser.press(Keys.ESCAPE)
    browser.expect("it is closed", f"!{PANEL}")
    assert browser.driver.current_url == f"{web.url}/"
    assert browser.js("return document.activeElement.getAttribute('aria-label')").startswith("Cycle of")


@pytest.mark.parametrize("width, theme", [(320, "dark"), (768, "light")])
def test_an_explanation_has_an_address_that_can_be_sent(rig, browser, web, width, theme):
    ids = decided(rig)
    browser.look(width, theme=theme)
    browser.open(f"{web.url}/#/signal/{ids[2]}")
    browser.expect("the panel", f"{PANEL} && document.getElementById('panel-body').innerText.includes('Others ranked above it')")
    text = browser.text("#panel-body")
    assert "What would have passed it" in text and "Who stood above it" in text and "ETHUSDT" in text
    assert not browser.scrolls_sideways()
    browser.keep_picture("explained", width, theme)
    browser.js("document.getElementById('panel-close').click()")
    browser.expect("the page", f"!{PANEL} && document.getElementById('state-word').textContent === 'Open'")


def test_what_cannot_be_explained_is_said(rig, browser, web):
    browser.open(f"{web.url}/#/signal/1-1")
    browser.expect("it is said", f"{PANEL} && document.querySelector('#panel-body .lead') !== null")
    assert browser.text("#panel-body .lead")


def test_the_picture_is_drawn_from_a_run(tmp_path):
    """And the one of the README is such a picture."""
    drawn = tmp_path / "page.webp"
    subprocess.run(
        [ROOT / "deploy/page-picture", f"--output={drawn}", "--seconds=20", "--rate=400"],
        env=clean_environment({"QUANTUM_BUILD": str(BUILD)}), check=True, timeout=PATIENCE_SEC)  # fmt: skip
    for picture in (drawn, ROOT / "deploy/page.webp"):
        shown = picture.read_bytes()
        assert shown[:4] == b"RIFF" and shown[8:12] == b"WEBP" and 20_000 < len(shown) < 400_000


def test_nothing_moves_where_nobody_wants_it(rig, browser, web):
    browser.look(motion="reduce")
    shown(browser, web, "Unknown")
    moving = "[...document.querySelectorAll('*')].filter((node) => getComputedStyle(node).transitionDuration !== '0s').length"
    assert browser.js(f"return {moving}") == 0
    rig.set_open(2)
    browser.expect("a change", "document.getElementById('state-word').textContent === 'Open'")
    assert browser.js("return document.getAnimations().length") == 0


def test_a_thousand_polls_leave_nothing_behind(rig, browser, web):
    fill(rig)
    shown(browser, web, "Target reached")
    browser.driver.set_script_timeout(60)
    many = """
        const done = arguments[1], rest = setTimeout;
        window.setTimeout = (run, ms) => (run === poll ? 0 : rest(run, ms));
        (async () => { for (let i = 0; i < arguments[0]; i++) { last = null; await poll(); } })().then(done);
    """
    browser.driver.execute_async_script(many, 100)
    bytes_before, nodes_before = browser.heap()
    for _ in range(5):
        rig.db.xadd(RESULTS, result("filled"))
        rig.db.incr(OPEN_ORDERS)
        browser.driver.execute_async_script(many, 200)
    bytes_after, nodes_after = browser.heap()
    assert bytes_after - bytes_before < 300_000
    assert nodes_after - nodes_before < 200
