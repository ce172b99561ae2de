"""The executor's guards, each with its log word, its result and its ACK."""

import pytest

from harness.ctl import ctl
from harness.executor import intent, iso
from harness.names import DEAD_LETTERS, INTENTS, OPEN_ORDERS, PRICE, PROCESSED, RATE_GLOBAL, RATE_SYMBOL, RESULTS

MANY = ["--guards.global_rate_max=1000"]


def test_safe_drain_is_the_default(rig):
    executor = rig.start_executor()
    executor.expect(r"\] SAFE_DRAIN mode: true$")
    executor.expect(r"🛡️ SAFE_DRAIN mode ENABLED - will NOT execute trades$")
    executor.expect(r"P0\.D\.5 Config: INTENT_MAX_AGE_SEC=600, XREADGROUP_COUNT=10, EXEC_CONCURRENCY=1$")
    rig.expect_group()
    [id] = rig.must_intend(leverage=5, decision_id="d-1", signal_id="1768824000000-0")
    result = rig.expect_result("would_execute", symbol="BTCUSDT", action="BUY", intent_id=id, size_usd="130")
    assert result["decision_id"] == "d-1" and result["signal_id"] == "1768824000000-0"
    executor.expect(r"SAFE_DRAIN would execute BTCUSDT BUY \$130\.00 x5")
    rig.expect_settled()
    assert rig.open_orders() is None and rig.positions() == {}
    assert rig.db.get(PROCESSED + "d-1").startswith(id)
    assert 3590 < rig.db.ttl(PROCESSED + "d-1") <= 3600


def test_safe_drain_leaves_open_orders_alone(rig):
    rig.set_open(2)
    rig.start_executor()
    rig.expect_group()
    rig.must_intend()
    rig.expect_result("would_execute")
    assert rig.open_orders() == 2


@pytest.mark.parametrize("form", ["payload", "data", None])
def test_wire_forms(rig, form):
    executor = rig.start_paper(*MANY)
    executor.expect("CAPACITY_INIT open=0")
    rig.must_intend(intent(" btcusdt ", "long", form=form), intent("ETHUSDT", None, form=form, side="Short"))
    rig.expect_result("filled", symbol="BTCUSDT", action="BUY")
    rig.expect_result("filled", symbol="ETHUSDT", action="SELL")
    assert rig.open_orders() == 2


@pytest.mark.parametrize(
    "entry, reason",
    [
        (intent(None), "symbol"),
        (intent("A"), "symbol"),
        (intent(action=None), "action"),
        (intent(action="HOLD"), "action"),
        (intent(size=None), "position_size_usd"),
        (intent(size=0), "position_size_usd"),
        (intent(size="1e999"), "position_size_usd"),
        (intent(leverage=0.5), "leverage"),
        (intent(confidence=1.5), "confidence"),
        (intent(entry_price=-1), "number"),
        (intent(take_profit=-1e16), "number"),
        (intent(stop_loss="abc"), "number"),
        (intent(quantity=1e308), "number"),
        (intent(entry_price=1e308), "number"),
        (intent(size=1e16), "position_size_usd"),
        (intent(timestamp="yesterday"), "timestamp"),
        (intent(timestamp=4e9), "future"),
        ({"payload": "{"}, "not_json"),
        ({"payload": "[1]"}, "not_an_object"),
        ({"payload": '{"symbol":"BTCUSDT","symbol":"ETHUSDT"}'}, "duplicate_key"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_invalid_goes_to_the_dead_letters(rig, entry, reason):
    executor = rig.start_paper()
    [id] = rig.must_intend(entry)
    rig.expect_result("rejected", f"invalid_{reason}", intent_id=id)
    executor.expect(rf"DEAD_LETTER intent_id={id} reason={reason}$")
    [dead_letter] = rig.dead_letters()
    assert dead_letter["reason"] == reason and dead_letter["intent_id"] == id
    assert {name: dead_letter[name] for name in entry} == {name: str(value) for name, value in entry.items()}
    rig.expect_settled()
    assert rig.open_orders() == 0


@pytest.mark.parametrize(
    "rule, entry",
    [
        ("value_too_long", {"payload": "x" * 10_000_000}),
        ("too_many_fields", {f"f{number}": "x" * 140_000 for number in range(70)}),
    ],
)
def test_one_that_redis_will_not_hand_out_is_a_dead_letter(rig, rule, entry):
    """Its output limit ends the connection that reads it; as pending it is read in bounded bytes."""
    executor = rig.start_paper()
    rig.expect_group()
    rig.db.config_set("client-output-buffer-limit", "normal 8mb 0 0")
    [_, id, _] = rig.must_intend(intent("BEFOREUSDT"), entry, intent("BEHINDUSDT"))
    executor.expect(rf"DEAD_LETTER intent_id={id} reason={rule}$")
    rig.expect_settled()
    assert sorted(result["status"] for result in rig.results()) == ["filled", "filled", "rejected"]
    assert 1 <= executor.count("REDIS_LOST") <= 2, executor.tail()


@pytest.mark.parametrize("form", ["payload", "data", None])
def test_what_could_be_read_of_an_invalid_one_stands_in_its_result(rig, form):
    rig.start_executor(PIPELINE_DIAG="true")
    [id] = rig.must_intend(symbol="btcusdt", action="long", leverage="abc", decision_id="d-1", signal_id="1-0", form=form)
    rig.expect_result("rejected", "invalid_leverage", intent_id=id, symbol="BTCUSDT", action="BUY", decision_id="d-1",
                      signal_id="1-0", size_usd="130")  # fmt: skip
    rig.executor.expect_anywhere(rf"FATE intent_id={id} BTCUSDT BUY \$130\.00 x1 fate=invalid$")
    assert ctl("dlq", "list", url=rig.redis.url).stdout.count(" BTCUSDT ") == 1
    [id] = rig.must_intend(symbol=None, action="CLOSE", form=form)
    rig.expect_result("rejected", "invalid_symbol", symbol="", action="CLOSE", decision_id=id)
    rig.executor.expect_anywhere(rf"FATE intent_id={id} CLOSE \$130\.00 fate=invalid$")
    [id] = rig.must_intend(action="HOLD", form=form)
    rig.expect_result("rejected", "invalid_action", symbol="BTCUSDT", action="")
    rig.executor.expect_anywhere(rf"FATE intent_id={id} BTCUSDT \$130\.00 fate=invalid$")
    rig.expect_settled()
    assert rig.db.keys(PROCESSED + "*") == []


def test_an_invalid_one_does_not_use_up_its_decision(rig):
    rig.start_paper(*MANY)
    rig.must_intend(intent(decision_id="d-1", confidence=1.5), intent(decision_id="d-1"))
    rig.expect_result("rejected", "invalid_confidence", decision_id="d-1")
    rig.expect_result("filled", decision_id="d-1")


def test_a_dead_letter_keeps_original_fields_under_names_of_ours(rig):
    rig.start_paper()
    rig.must_intend({"symbol": "BTCUSDT", "reason": "momentum", "intent_id": "x"})
    rig.expect_result("rejected", "invalid_action")
    [dead_letter] = rig.dead_letters()
    assert (dead_letter["original_reason"], dead_letter["original_intent_id"]) == ("momentum", "x")


def test_age_is_the_timestamps_or_else_the_entrys(rig):
    executor = rig.start_paper(*MANY)
    now = rig.now_ms()
    old, fresh = now - 700_000, now - 5_000
    rig.must_intend_at(old, intent("AAAUSDT", timestamp=iso(fresh)), intent("BBBUSDT"))
    rig.must_intend_at(old, intent("BBBUSDT", form=None), intent("CCCUSDT", form=None, timestamp=fresh / 1000))
    rig.must_intend(
        intent("DDDUSDT", timestamp=old),
        intent("EEEUSDT", timestamp=iso(old), beside={"timestamp": iso(fresh)}),
        intent("FFFUSDT", beside={"timestamp": iso(old)}),
        intent("GGGUSDT", timestamp=iso(fresh)[:-1]),
    )
    rig.expect_settled()
    assert sorted(r["symbol"] for r in rig.results()) == ["AAAUSDT", "CCCUSDT", "FFFUSDT", "GGGUSDT"]
    line = executor.expect(r"STALE_INTENT_DROP intent_id=\S+ age_sec=(\d+) \(exceeds 600s TTL\) suppressed=0 total=1$")
    assert 699 <= int(line[1]) <= 702
    executor.expect_count("STALE_INTENT_DROP", 1)


def test_stale_ones_share_a_line(rig):
    """The next one is 30 s away, also when it stops before."""
    executor = rig.start_paper()
    rig.must_intend_at(rig.now_ms() - 700_000, *[intent()] * 100)
    executor.expect(r"STALE_INTENT_DROP intent_id=\S+ age_sec=\d+ \(exceeds 600s TTL\) suppressed=0 total=1$")
    rig.expect_settled()
    executor.expect_count("STALE_INTENT_DROP", 1)
    executor.terminate()
    executor.expect("STOPPED")
    executor.expect_count("STALE_INTENT_DROP", 1)


def test_minutes_are_an_older_name_for_the_age(rig):
    executor = rig.start_executor(TRADE_INTENT_MAX_AGE_MINUTES="2")
    executor.expect("INTENT_MAX_AGE_SEC=120,")
    executor = rig.start_executor(TRADE_INTENT_MAX_AGE_MINUTES="2", INTENT_MAX_AGE_SEC="50")
    executor.expect("INTENT_MAX_AGE_SEC=50,")


def test_a_decision_is_executed_once(rig):
    executor = rig.start_paper(*MANY)
    rig.must_intend(decision_id="d-1")
    rig.expect_result("filled")
    rig.must_intend(symbol="ETHUSDT", decision_id="d-1")
    rig.expect_result("skipped", "duplicate", decision_id="d-1")
    executor.expect(r"IDEMPOTENCY_SKIP ETHUSDT BUY")
    assert rig.open_orders() == 1


@pytest.mark.parametrize(
    "first, second",
    [
        (intent(decision_id="none", beside={"correlation_id": "c"}), intent("ETHUSDT", beside={"correlation_id": "c"})),
        (intent(beside={"trace_id": "t"}), intent("ETHUSDT", trace_id="t")),
        (intent(signal_id="1-0"), intent("ETHUSDT", signal_id="1-0")),
        (intent(decision_id=12), intent("ETHUSDT", decision_id="12", form="data")),
        (intent(decision_id=12), intent("ETHUSDT", decision_id=12, form=None)),
        (intent(trace_id=7), intent("ETHUSDT", beside={"trace_id": "7"})),
    ],
    ids=["correlation", "trace", "signal", "number", "number in flat form", "number beside"],
)
def test_what_identifies_a_decision(rig, first, second):
    rig.start_paper(*MANY)
    rig.must_intend(first, second)
    rig.expect_result("filled")
    rig.expect_result("skipped", "duplicate")


def test_the_hard_cap(rig):
    executor = rig.start_paper(*MANY, MAX_OPEN_ORDERS="2")
    rig.must_intend(intent("AAAUSDT"), intent("BBBUSDT"), intent("CCCUSDT"))
    rig.expect_result("filled")
    rig.expect_result("filled")
    rig.expect_result("rejected", "max_open", symbol="CCCUSDT")
    executor.expect(r"REJECTED reason=max_open CCCUSDT BUY \$130\.00 x1")
    assert rig.open_orders() == 2


def test_a_count_set_by_hand_is_respected_and_healed(rig):
    rig.start_paper(*MANY)
    rig.set_open(10)
    rig.must_intend(intent("AAAUSDT"))
    rig.expect_result("rejected", "max_open")
    rig.set_open(7)
    rig.must_intend(intent("BBBUSDT"))
    rig.expect_result("filled")
    assert rig.open_orders() == 1


def test_one_position_per_symbol(rig):
    rig.start_paper(*MANY, "--guards.symbol_rate_max=100")
    rig.must_intend(intent(), intent(), intent(action="SELL"))
    rig.expect_result("filled")
    rig.expect_result("rejected", "symbol_open")
    rig.expect_result("rejected", "opposite_open")
    assert rig.open_orders() == 1


def test_a_symbol_may_add(rig):
    rig.start_paper(*MANY, "--guards.symbol_rate_max=100", "--guards.symbol_policy=add")
    rig.must_intend(intent(), intent(), intent(action="SELL"))
    rig.expect_result("filled")
    rig.expect_result("filled")
    rig.expect_result("rejected", "opposite_open")
    assert rig.open_orders() == 2


def test_rates_drop_and_nothing_waits(rig):
    executor = rig.start_paper("--guards.symbol_policy=add")
    symbols = ["AAAUSDT", "AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "EEEUSDT", "FFFUSDT"]
    rig.must_intend(*[intent(symbol) for symbol in symbols])
    rig.expect_result("filled", symbol="AAAUSDT")
    rig.expect_result("skipped", "rate_symbol", symbol="AAAUSDT")
    for symbol in symbols[2:6]:
        rig.expect_result("filled", symbol=symbol)
    rig.expect_result("skipped", "rate_global", symbol="FFFUSDT")
    executor.expect("RATE_LIMIT_SKIP AAAUSDT")
    executor.expect("GLOBAL_RATE_LIMIT FFFUSDT")
    rig.expect_settled()
    assert 25 < rig.db.ttl(RATE_SYMBOL + "AAAUSDT") <= 30
    assert 55 < rig.db.ttl(RATE_GLOBAL) <= 60 and rig.db.get(RATE_GLOBAL) == "5"


def test_a_rate_without_an_end_does_not_lock(rig):
    rig.start_paper()
    rig.db.set(RATE_GLOBAL, 99)
    rig.must_intend()
    rig.expect_result("filled")
    assert rig.db.ttl(RATE_GLOBAL) > 0


@pytest.mark.parametrize(
    "fields, reason",
    [
        ({"size": 4.99}, "min_notional"),
        ({"size": 10000.01}, "max_position"),
        ({"leverage": 126}, "max_leverage"),
        ({"entry_price": None}, "no_price"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_size_leverage_and_price(rig, fields, reason):
    rig.start_paper()
    rig.must_intend(**fields)
    rig.expect_result("rejected", reason)
    rig.expect_settled()
    assert rig.open_orders() == 0


def test_the_last_price_where_there_is_no_entry_price(rig):
    rig.start_paper("--paper.slippage_bps=10")
    rig.db.set(PRICE + "BTCUSDT", "200")
    rig.must_intend(entry_price=None, size=100)
    result = rig.expect_result("filled", price="200.2", fee_usd="0.04")
    assert abs(float(result["quantity"]) - 100 / 200.2) < 1e-6


def test_the_last_price_before_the_entry_price(rig):
    """And from there on all that is counted: the position, its exit by itself, and what it has earned."""
    fast = ["--paper.slippage_bps=0", "--paper.fee_pct=0", "--guards.symbol_rate_max=1000"]
    rig.start_paper("--paper.fill=last", *fast)
    rig.must_intend(symbol="ETHUSDT")
    rig.expect_result("filled", price="50000", price_source="intent")
    rig.db.set(PRICE + "BTCUSDT", "200")
    rig.must_intend(size=100, decision_id="d-1", stop_loss=150)
    rig.expect_result("filled", price="200", entry_price="200", price_source="last")
    rig.db.set(PRICE + "BTCUSDT", "140")
    rig.expect_result("closed", "stop_loss", intent_id="", decision_id="d-1", opened_by="d-1", entry_price="200",
                      price="140", profit_usd="-30", price_source="last")  # fmt: skip


def test_exits_pass_cap_rates_notional_and_safe_mode(rig):
    rig.start_paper(MAX_OPEN_ORDERS="1")
    rig.must_intend(decision_id="d-1")
    rig.expect_result("filled")
    rig.db.set("quantum:safety:safe_mode", "0")
    rig.must_intend(action="CLOSE", size=None)
    rig.expect_result("closed", action="CLOSE", symbol="BTCUSDT")
    assert rig.open_orders() == 0
    rig.must_intend(action="CLOSE", size=1)
    rig.expect_result("nothing_open")
    rig.expect_settled()


@pytest.mark.parametrize("only", [True, 1, "1"])
def test_reduce_only_closes(rig, only):
    rig.start_paper()
    rig.must_intend(action="SELL")
    rig.expect_result("filled")
    rig.must_intend(action="BUY", reduce_only=only)
    rig.expect_result("closed")
    assert rig.open_orders() == 0 and rig.positions() == {}


def test_an_exit_may_be_for_one_side(rig):
    rig.start_paper()
    rig.must_intend(action="SELL")
    rig.expect_result("filled")
    rig.must_intend(action="CLOSE_LONG", size=None)
    rig.expect_result("nothing_open", action="CLOSE")
    assert len(rig.positions()) == 1
    rig.must_intend(action="close_short", size=None)
    rig.expect_result("closed", action="CLOSE")
    assert rig.open_orders() == 0 and rig.positions() == {}


def test_a_part_of_a_position_is_not_closed(rig):
    rig.start_paper()
    rig.must_intend()
    rig.expect_result("filled")
    rig.must_intend(action="PARTIAL_CLOSE", quantity=0.1)
    rig.expect_result("rejected", "invalid_partial_close", action="CLOSE")
    assert len(rig.positions()) == 1
    assert [dead_letter["reason"] for dead_letter in rig.dead_letters()] == ["partial_close"]


def test_no_exit_opens(rig):
    rig.start_paper()
    for members in ({"action": "CLOSE"}, {"reduceOnly": True}, {"direction": "FLAT"}, {"reduce_only": "yes"}):
        rig.must_intend(**{"side": "BUY", **members})
        rig.expect_result("nothing_open", action="CLOSE")
    rig.must_intend(action="BUY", side="SELL")
    rig.expect_result("rejected", "invalid_action")
    assert rig.open_orders() == 0 and rig.positions() == {}


def test_no_number_stops_the_executor(rig):
    rig.start_paper(*MANY)
    rig.db.set("quantum:price:ETHUSDT", "1e308")
    rig.must_intend(intent(quantity=1e15), intent("AAAUSDT", entry_price=1e-300), intent("BBBUSDT", stop_loss=1e15))
    for symbol in ("BTCUSDT", "AAAUSDT", "BBBUSDT"):
        rig.expect_result("filled", symbol=symbol)
    rig.must_intend(*[{"payload": '{"symbol":"%s","action":"CLOSE","take_profit":NaN}' % symbol}
                      for symbol in ("BTCUSDT", "AAAUSDT", "BBBUSDT")])  # fmt: skip
    for symbol in ("BTCUSDT", "AAAUSDT", "BBBUSDT"):
        rig.expect_result("closed", symbol=symbol)
    rig.expect_settled()


def test_no_exit_is_lost_for_a_number(rig):
    rig.start_paper(*MANY)
    unsound = [{"take_profit": -1}, {"entry_price": "abc"}, {"size": 1e16}, {"leverage": 0}, {"timestamp": "yesterday"}]
    symbols = [f"AAA{i}USDT" for i in range(len(unsound))]
    rig.must_intend(*[intent(symbol) for symbol in symbols])
    for symbol in symbols:
        rig.expect_result("filled", symbol=symbol)
    rig.must_intend(*[intent(symbol, "CLOSE", **members) for symbol, members in zip(symbols, unsound)])
    for symbol in symbols:
        rig.expect_result("closed", symbol=symbol)
    rig.expect_settled()
    assert rig.dead_letters() == [] and rig.open_orders() == 0


def test_exits_are_stale_later(rig):
    rig.start_paper()
    rig.must_intend()
    rig.expect_result("filled")
    now = rig.now_ms()
    rig.must_intend(action="CLOSE", timestamp=now - 3_700_000)
    rig.must_intend(action="CLOSE", timestamp=now - 3_000_000)
    rig.expect_result("closed")
    rig.expect_settled()
    rig.expect_no_result()


@pytest.mark.parametrize("kind", ["list", "hash"])
def test_a_result_stream_of_a_wrong_type_stops_nothing_for_good(rig, kind):
    executor = rig.start_paper()
    results = "quantum:stream:execution.result"
    rig.db.rpush(results, "x") if kind == "list" else rig.db.hset(results, "x", "y")
    rig.must_intend()
    executor.expect(r"EXECUTION_REFUSED reason=.*execution\.result is a")
    assert rig.open_orders() == 0 and rig.executors_group()["pending"] == 1
    rig.db.delete(results)
    rig.expect_result("filled")
    executor.expect("EXECUTION_ACCEPTED")
    rig.expect_settled()


def test_f60_a_result_stream_at_its_last_id(rig):
    """XADD would refuse after the marks were set: so it is seen before, and nothing is written."""
    executor = rig.start_paper()
    rig.db.xadd(RESULTS, {"x": "y"}, id="18446744073709551615-1")
    rig.must_intend(decision_id="d-1")
    executor.expect(r"EXECUTION_REFUSED reason=.*execution\.result has come to its last id")
    assert rig.open_orders() == 0 and rig.positions() == {} and rig.db.exists(PROCESSED + "d-1") == 0
    rig.db.delete(RESULTS)
    rig.expect_result("filled", decision_id="d-1")


def test_a_foreign_stream_is_left_alone(rig):
    rig.db.set(INTENTS, "x")
    executor = rig.start_executor()
    executor.expect(r"REDIS_LOST .*trade\.intent is a string, not a stream")
    rig.db.delete(INTENTS)
    executor.expect("REDIS_BACK")
    assert rig.db.exists(DEAD_LETTERS, OPEN_ORDERS) == 0
