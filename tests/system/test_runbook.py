"""What an operator types, and the lines that answer."""

import re

import pytest

from harness.names import DECISIONS, OPEN_ORDERS, SAFE_MODE
from harness.router import FATES
from harness.signals import signal
from harness.waiting import FULL, soon

STEPS = (
    ("10", r"🔴 CAPACITY_FULL open=10 max=10$"),
    ("3", r"⏸️ TARGET_REACHED open=3 target=3 \(awaiting super-signal\)$"),
    ("1", r"🟢 CAPACITY_OK open=1 target=3 allowed=2$"),
    (None, r"🔴 CAPACITY_UNKNOWN: quantum:state:open_orders missing → fail-closed$"),
)
STEP_WINDOW_SEC = 3 if FULL else 0.3
SLACK_SEC = 0.7


def type_the_runbook(rig, router):
    for value, line in STEPS:
        rig.set_open(value)
        router.forget()
        router.expect(line, seconds=soon(STEP_WINDOW_SEC + SLACK_SEC))


def test_runbook_on_a_quiet_stream(rig):
    router = rig.start_open_router(0, CANDIDATE_WINDOW_SEC=str(STEP_WINDOW_SEC))
    type_the_runbook(rig, router)
    rig.expect_no_intent()
    rig.expect_drained()


def test_runbook_with_signals_flowing(rig):
    router = rig.start_open_router(0, CANDIDATE_WINDOW_SEC=str(STEP_WINDOW_SEC))
    with rig.feed(lambda n: signal(f"COIN{n}", "BUY", 0.80)):
        router.expect("BEST_OF_PUBLISH")
        type_the_runbook(rig, router)
        router.expect(r"CYCLE .* published=0 .*no_slots=[1-9]")
        before = len(rig.intents())
        router.expect(r"CYCLE .* published=0 .*no_slots=[1-9]")
        assert len(rig.intents()) == before
    rig.expect_drained()


def test_state_is_told_once_until_it_changes(rig):
    router = rig.start_open_router(1)
    rig.await_ticks(4)
    rig.set_open(2)
    router.expect("CAPACITY_OK open=2 target=3 allowed=1")
    rig.await_ticks(4)
    router.expect_count("CAPACITY_", 2)
    router.expect_count(r"CYCLE read=0 ", 2)


def test_start_lines(rig):
    router = rig.start_router(CANDIDATE_WINDOW_SEC="3", MAX_OPEN_ORDERS="12")
    router.expect("Quality")
    started, capacity, quality = router.messages()[:3]
    assert re.fullmatch(
        r"🚀 AI→Strategy Router started \(P0\.CAP\+QUAL\) version=\S+ config=\S+router0\.conf", started
    )
    assert capacity == "⚙️ Capacity: max=12 target=3 burst=2"
    assert quality == "📊 Quality: min_conf=75.00% super_conf=90.00% window=3s"


def test_words_of_a_publication_in_order(rig):
    router = rig.start_open_router(1)
    router.expect("CYCLE read=0")
    router.forget()
    rig.must_write(
        signal("ETHUSDT", "BUY", 0.94),
        signal("LTCUSDT", "SELL", 0.80),
        signal("BTCUSDT", "long", 0.95, rl_gate_pass="true"),
    )
    best = rig.expect_intent("BTCUSDT", 130.0, rank=1)
    second = rig.expect_intent("ETHUSDT", 110.0, rank=2)
    start = router.at
    router.expect("CYCLE ")
    [(record, _)] = rig.db.xrevrange(DECISIONS, count=1)
    assert router.messages(start) == [
        "🟢 CAPACITY_OK open=1 target=3 allowed=2",
        "📤 BEST_OF_PUBLISH count=2 allowed=2 open=1 slots=9 "
        f"top=[BTCUSDT BUY 0.970, ETHUSDT BUY 0.940] record={record}",
        "📥 RANK_1 BTCUSDT BUY conf=95.00% score=0.970",
        "📥 RANK_2 ETHUSDT BUY conf=94.00% score=0.940",
        "💰 SIZE_BOOST rank=1 factor=1.30 conf=95.00% size=$100.00→$130.00",
        "💰 SIZE_BOOST rank=2 factor=1.10 conf=94.00% size=$100.00→$110.00",
        f"🚀 Trade Intent published: BTCUSDT BUY id={best['entry']['id']}",
        f"🚀 Trade Intent published: ETHUSDT BUY id={second['entry']['id']}",
        "📦 CYCLE read=3 candidates=3 published=2 outranked=1 "
        + " ".join(f"{fate}=0" for fate in FATES if fate not in ("published", "outranked"))
        + f" record={record}",
    ]
    rig.expect_no_intent()
    rig.expect_drained()


def test_size_clamp(rig):
    router = rig.start_open_router(0, "--log.emoji=false")
    rig.must_xadd("BTCUSDT", "SELL", 0.95, position_size_usd="9000")
    rig.expect_intent("BTCUSDT", 10000.0, base_size_usd=9000.0, action="SELL")
    router.expect(r"\] SIZE_BOOST rank=1 factor=1\.30 conf=95\.00% size=\$9000\.00→\$11700\.00$")
    router.expect(r"\] SIZE_CLAMP rank=1 size=\$11700\.00→\$10000\.00$")


def test_fates_of_the_dropped(rig):
    router = rig.start_open_router(0, "--log-level=debug", PIPELINE_DIAG="yes")
    rig.must_write(
        signal("LTCUSDT", "SELL", 0.68),
        signal("ADAUSDT", "HOLD", 0.95),
        signal("XRPUSDT", "close", 0.95),
        signal("BTCUSDT", "BUY", 0.91),
    )
    rig.expect_intent("BTCUSDT", 130.0)
    router.expect(r"🗑️ LOW_CONFIDENCE_DROP LTCUSDT SELL conf=68\.00% min=75\.00%$")
    router.expect(r"🔎 FATE id=\d+-\d+ LTCUSDT SELL conf=68\.00% fate=low_confidence$")
    router.expect(r"🔎 FATE id=\d+-\d+ fate=hold$")
    router.expect(r"🚪 CLOSE_SIGNAL_DROP id=\d+-\d+")
    router.expect(r"🔎 FATE id=\d+-\d+ fate=close$")
    router.expect(r"🔎 FATE id=\d+-\d+ BTCUSDT BUY conf=91\.00% score=0\.910 fate=published rank=1$")
    rig.expect_tally(published=1, low_confidence=1, hold=1, close=1)
    rig.expect_drained()


def test_fate_of_the_outranked_names_the_cut(rig):
    router = rig.start_open_router(2, PIPELINE_DIAG="1")
    rig.must_write(signal("ETHUSDT", "BUY", 0.94), signal("BTCUSDT", "BUY", 0.91))
    rig.expect_intent("ETHUSDT")
    router.expect(r"FATE .* BTCUSDT BUY conf=91\.00% score=0\.910 fate=outranked rank=2 cut=0\.940$")


def test_super_signal_passes_the_target(rig):
    router = rig.start_router()
    router.expect("CAPACITY_UNKNOWN")
    rig.db.pipeline().set(OPEN_ORDERS, 3).execute()
    router.expect("TARGET_REACHED open=3 target=3")
    rig.must_write(
        signal("BTCUSDT", "BUY", 0.90),
        signal("ETHUSDT", "BUY", 0.89, rl_gate_pass="true", regime="trend"),
    )
    router.expect(r"🌟 SUPER_SIGNAL_BYPASS open=3 target=3 count=1 allowed=2$")
    rig.expect_intent("BTCUSDT", 130.0)
    rig.expect_tally(published=1, below_super=1)
    rig.expect_no_intent()
    rig.must_xadd("SOLUSDT", "BUY", 0.89)
    router.expect("TARGET_REACHED")
    rig.expect_tally(published=1, below_super=2)
    rig.expect_no_intent()


def test_target_reached_is_told_on_entering_though_a_super_signal_passes(rig):
    rig.set_open(4)
    rig.must_xadd("BTCUSDT", "BUY", 0.95)
    router = rig.start_router(CANDIDATE_WINDOW_SEC="0.5")
    rig.expect_intent("BTCUSDT")
    router.expect("TARGET_REACHED open=4 target=3")
    router.expect("SUPER_SIGNAL_BYPASS open=4 target=3 count=1 allowed=2")


@pytest.mark.parametrize(
    "open_orders, target, limit, burst, allowed",
    [
        (9, 20, 10, 2, 1),
        (8, 20, 10, 5, 2),
        (10, 20, 10, 5, 0),
        (12, 20, 10, 5, 0),
        (0, 3, 10, 2, 2),
        (0, 3, 10, 5, 3),
        (2, 3, 10, 5, 1),
        (3, 3, 10, 5, 5),
        (9, 3, 10, 5, 1),
        (0, 0, 10, 3, 3),
        (0, 3, 1, 5, 1),
    ],
)
def test_never_over_allowed(rig, open_orders, target, limit, burst, allowed):
    """Ten super-signals: only the slots decide."""
    rig.set_open(open_orders)
    rig.must_write(*[signal(f"COIN{n}", "BUY", 0.95) for n in range(10)])
    rig.start_router(
        MAX_OPEN_ORDERS=str(limit), TARGET_OPEN_ORDERS=str(target), MAX_NEW_PER_CYCLE=str(burst)
    )
    lost = "outranked" if allowed else "no_slots"
    rig.expect_tally(**{"published": allowed, lost: 10 - allowed})
    assert len(rig.intents()) == allowed
    rig.expect_drained()


def set_list(db):
    db.rpush(SAFE_MODE, "1")


@pytest.mark.parametrize(
    "engage, shown",
    [
        (lambda db: db.set(SAFE_MODE, "1", ex=900), r"value='1' ttl=(900|899|898)s$"),
        (lambda db: db.set(SAFE_MODE, "0"), r"value='0' ttl=none$"),
        (lambda db: db.set(SAFE_MODE, ""), r"value='' ttl=none$"),
        (set_list, r"value='\(list\)' ttl=none$"),
        (
            lambda db: db.set(SAFE_MODE, "1\n2026-01-19 12:00:03 [INFO] FORGED"),
            r"value='1\\x0a2026-01-19 12:00:03 \[INFO\] FORGED' ttl=none$",
        ),
    ],
    ids=["ttl", "zero", "empty", "list", "forged"],
)
def test_safe_mode(rig, engage, shown):
    router = rig.start_open_router(0, PIPELINE_DIAG="true")
    engage(rig.db)
    router.expect(
        r"⛔ SAFE_MODE: quantum:safety:safe_mode is set → publishing nothing " + shown
    )
    rig.must_xadd("BTCUSDT", "BUY", 0.99)
    router.expect("FATE .* BTCUSDT .*fate=safe_mode")
    rig.expect_tally(safe_mode=1)
    rig.expect_pending(0)
    rig.expect_no_intent()
    rig.db.delete(SAFE_MODE)
    router.expect("🟢 SAFE_MODE_CLEARED$")
    router.expect("CAPACITY_OK open=0")
    rig.must_xadd("ETHUSDT", "BUY", 0.99)
    rig.expect_intent("ETHUSDT")
    rig.expect_drained()
