"""/window.json of the router: the window as it fills, while it fills."""

import json

import pytest

from harness.page import Page
from harness.redis import free_port
from harness.signals import signal
from harness.waiting import wait_until

LONG = {"CANDIDATE_WINDOW_SEC": "600"}


def start_with_page(rig, **env):
    page = Page(free_port())
    rig.set_open(0)
    rig.start_router(METRICS_LISTEN=f"127.0.0.1:{page.port}", **env)
    page.expect_ready(200, "role=leader")
    return page


def window_of(page):
    status, body = page.ask("/window.json")
    assert status == 200
    assert len(body) <= 4096
    return json.loads(body)


def await_candidates(page, count):
    return wait_until(
        f"{count} candidates",
        lambda: (window := window_of(page))["candidates"] == count and window,
        context=lambda: f"; {window_of(page)}",
    )


def test_the_best_stand_by_rank_as_they_come_in(rig):
    page = start_with_page(rig, **LONG)
    empty = window_of(page)
    assert (empty["v"], empty["state"], empty["candidates"], empty["best"], empty["bar"]) == (1, "running", 0, [], None)
    assert empty["window_ms"] == 600000
    assert 0 < empty["left_ms"] <= 600000
    rig.must_write(signal("ETHUSDT", "SELL", confidence=0.91), signal("BTCUSDT", confidence=0.95), signal("LTCUSDT", confidence=0.5))
    window = await_candidates(page, 2)
    assert [(row["rank"], row["symbol"], row["side"], row["score"]) for row in window["best"]] == [
        (1, "BTCUSDT", "BUY", 0.95),
        (2, "ETHUSDT", "SELL", 0.91),
    ]
    assert window["best"][0]["confidence"] == 0.95
    assert window["left_ms"] <= empty["left_ms"]
    assert window["rules"] == {
        "max_open": 10,
        "target_open": 3,
        "max_new_per_cycle": 2,
        "super_confidence": 0.9,
        "min_confidence": 0.75,
        "one_per_symbol": True,
    }


def test_a_window_that_overflows_keeps_its_best_and_says_what_fell(rig):
    conf = "window : { max_candidates = 100; };"
    page = start_with_page(rig, conf=conf, **LONG)
    rig.must_write(*(signal(f"S{i:03}USDT", confidence=0.74 + i / 1000) for i in range(250)))
    window = wait_until("what fell", lambda: (seen := window_of(page))["bar"] and seen)
    assert window["thinned"] + window["candidates"] == 240
    assert 0 < window["candidates"] <= 100
    assert window["bar"]["for_all"] is True
    assert [row["symbol"] for row in window["best"]] == [f"S{i:03}USDT" for i in range(249, 239, -1)]


def test_a_window_that_is_over_begins_empty(rig):
    page = start_with_page(rig, CANDIDATE_WINDOW_SEC="0.3")
    rig.must_write(signal("BTCUSDT"))
    rig.expect_drained()
    window = await_candidates(page, 0)
    assert (window["best"], window["thinned"], window["deciding"]) == ([], 0, 0)


def test_a_standby_says_so_and_shows_nothing(rig):
    start_with_page(rig, **LONG)
    page = Page(free_port())
    rig.start_router("--lease.instance=other", METRICS_LISTEN=f"127.0.0.1:{page.port}", **LONG)
    page.expect_ready(200, "role=standby")
    window = window_of(page)
    assert (window["state"], window["candidates"], window["left_ms"]) == ("standby", 0, 0)


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("POST", 405)])
def test_methods(rig, method, status):
    page = start_with_page(rig, **LONG)
    assert page.ask("/window.json", method)[0] == status
