"""deploy/redis: each program goes all its paths under its own user, with no right refused and none too many."""

import re
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

import test_archive
import test_capacity_follow
import test_check_intents
import test_clock_set
import test_connection
import test_ctl
import test_dlq
import test_drain
import test_drain_faults
import test_examples
import test_executor_exits
import test_executor_group
import test_executor_guards
import test_executor_hold
import test_executor_paper
import test_executor_stream
import test_explain
import test_groups
import test_halt
import test_held
import test_in_flight
import test_lease
import test_limits
import test_metrics
import test_positions
import test_report
import test_replay
import test_status
import test_strays
import test_trim
import test_web
from harness.clock import Clock
from harness.ctl import ctl
from harness.guarded import ACL, SETTINGS as REDIS_CONF, GuardedRedis, superfluous, users
from harness.held import check_held
from harness.names import DECISIONS, DEDUP, HELD, INTENTS, OPEN_ORDERS, POSITIONS, RESULTS, SAFE_MODE, SETTINGS, SIGNALS
from harness.process import ROOT
from harness.redis import client_at
from harness.rig import Rig
from harness.signals import signal
from test_examples import ANSWERS, ORDERS


def used_by(program, paths, **options):
    """What the program used on all these paths together, each of which has a Redis of its own; mostly they wait."""

    def go(path):
        with Rig(GuardedRedis, **options) as rig:
            rig.redis.extra += ["--appendfsync", "always"]  # or one that is killed may forget what it has confirmed
            rig.clock = Clock(rig)
            rig.redis.start()
            try:
                path(rig)
                rig.close_routers()
            finally:
                assert rig.redis.refusals() == [], path
            rig.redis.note()
            return rig.redis.used.get(program, set())

    with ThreadPoolExecutor(4) as pool:
        return set().union(*pool.map(go, paths))


def never_used(program, paths):
    """A clock that is set may be noticed before the moment that a path is about: what no path used is tried once more."""
    used = used_by(program, paths)
    if superfluous(program, used):
        used |= used_by(program, paths)
    return superfluous(program, used)


ROUTER = [
    test_metrics.test_what_the_group_is_behind,
    test_strays.test_of_a_dead_consumer_and_of_our_own_name,
    test_connection.test_group_is_destroyed,
    test_connection.test_clients_are_killed_under_flow,
    test_connection.test_redis_is_killed_and_comes_back,
    test_lease.test_takeover_after_kill,
    test_lease.test_a_clean_stop_leaves_no_lease,
    test_in_flight.test_automatic_and_no_group_yet,
    test_held.test_the_place_goes_to_the_next,
    test_limits.test_daily_limit,
    test_limits.test_supers_per_hour,
    test_limits.test_cooldown,
    test_clock_set.test_h2_a_signal_is_no_backlog_after_the_clock_was_set_back,
    test_halt.test_a_router_halts_and_resumes,
    test_halt.test_a_router_goes_on_after_an_older_state,
]


def test_the_router():
    assert never_used("quantum-router", ROUTER) == []


EXECUTOR = [
    test_executor_guards.test_safe_drain_is_the_default,
    test_executor_guards.test_rates_drop_and_nothing_waits,
    test_executor_guards.test_the_last_price_where_there_is_no_entry_price,
    test_executor_guards.test_exits_pass_cap_rates_notional_and_safe_mode,
    test_executor_group.test_a_new_group_starts_at_the_first_that_is_young_enough,
    test_executor_group.test_a_group_that_is_gone_is_made_again,
    test_executor_group.test_dead_consumers_entries_are_claimed,
    test_executor_group.test_dead_consumers_with_nothing_pending_are_removed_at_the_start,
    test_executor_group.test_skip_backlog_moves_the_group_to_the_end,
    test_clock_set.test_h2_an_exit_is_no_backlog_after_the_clock_was_set_back,
    test_executor_hold.test_safe_mode_holds_and_lets_go,
    test_executor_hold.test_the_count_is_made_at_the_start_alone,
    test_executor_paper.test_it_closes_when_its_time_is_over,
    test_executor_stream.test_the_breaker_opens_probes_and_closes,
    test_executor_exits.test_h22_an_opening_after_the_exit_goes_on,
    test_executor_paper.test_a_handling_that_never_ends_is_a_dead_letter,
    lambda rig: test_executor_stream.test_an_order_is_handed_over_and_takes_its_slot(test_executor_stream.arm(rig)),
    lambda rig: test_executor_stream.test_an_exit_is_handed_over_and_answered(test_executor_stream.arm(rig)),
    lambda rig: test_executor_stream.test_it_closes_on_the_exchange(test_executor_stream.arm(rig)),
    lambda rig: test_executor_stream.test_h3_what_was_refused_is_filled_after_all(test_executor_stream.arm(rig)),
]


def test_the_executor():
    assert never_used("quantum-executor", EXECUTOR) == []


OPERATOR = [
    test_halt.test_a_router_halts_and_resumes,
    test_halt.test_where_memory_is_full_it_halts_and_resumes_all_the_same,
    test_halt.test_capacity_set,
    test_halt.test_where_memory_is_full_the_capacity_is_set_all_the_same,
    test_positions.test_what_the_executor_keeps_says_more,
    test_halt.test_capacity_counts_intents_in_flight,
    test_groups.test_list,
    test_groups.test_prune_says_first_and_then_does,
    test_groups.test_skip,
    lambda rig: test_groups.test_rewind(rig, "id"),
    test_dlq.test_list_and_filters,
    test_dlq.test_show,
    lambda rig: test_dlq.test_redrive_keeps_time_and_id(rig, "payload"),
    lambda rig: test_dlq.test_what_the_executor_gave_up_is_executed_after_all(rig, "d1"),
    test_dlq.test_drop,
    test_trim.test_old_entries_go,
    test_drain.test_every_fate_live,
    test_drain.test_a_lag_that_redis_does_not_know,
    test_drain.test_forward_keeps_everything_and_the_time,
    test_drain.test_from_start_has_a_group_of_its_own,
    test_drain.test_summary,
    lambda rig: test_drain.test_allowlists(rig, "--symbols=@redis:quantum:majors"),
    test_drain_faults.test_dead_consumers_entries_are_claimed,
    test_check_intents.test_a_stream_names_the_entries,
    lambda rig: test_ctl.test_send_a_document(rig, "payload"),
    test_ctl.test_an_aged_backlog,
    test_status.test_a_pipeline_that_runs_is_healthy,
    test_status.test_a_lag_that_redis_does_not_know_is_counted,
]


def test_the_operator():
    assert superfluous("quantum-operator", used_by("quantumctl", OPERATOR)) == []


MONITOR = [
    test_status.test_a_pipeline_that_runs_is_healthy,
    test_status.test_a_lag_that_redis_does_not_know_is_counted,
    test_status.test_safe_mode_is_critical_with_its_reason,
    test_halt.test_capacity_counts_intents_in_flight,
    test_positions.test_what_the_executor_keeps_says_more,
    test_groups.test_list,
    test_dlq.test_list_and_filters,
    test_check_intents.test_a_stream_names_the_entries,
    test_archive.test_everything_is_kept_once,
    test_archive.test_settings_stand_before_the_first_decision_that_names_them,
    test_archive.test_prices_of_what_stood_in_decisions,
    test_report.test_out_of_redis,
    test_explain.test_a_duplicate_and_safe_mode,
    test_explain.test_what_is_held,
    test_replay.test_what_a_router_decided_is_decided_again,
    test_web.see_all_of_it,
]


def test_the_monitor():
    assert superfluous("quantum-monitor", used_by("quantumctl", MONITOR, operator="quantum-monitor")) == []


USERS = {"write": "quantum-engine", "read": "quantum-reader", "adapter": "quantum-adapter"}
EXAMPLES = [
    test_examples.test_a_signal_that_is_written_twice_is_one_decision,
    test_examples.test_an_order_is_not_placed_behind_its_time,
    lambda rig, start: test_examples.test_what_is_gone_or_unreadable_holds_nothing_up(rig, start, "read"),
    lambda rig, start: test_examples.test_what_is_gone_or_unreadable_holds_nothing_up(rig, start, "adapter"),
]


@pytest.mark.parametrize("language", ["python", "node"])
def test_the_examples(language):
    """Each under the user of its role; an engine may PING, too, and none of these does."""
    used = {}
    for path in EXAMPLES:
        with Rig(GuardedRedis) as rig:
            rig.redis.start()
            with test_examples.starter(rig, language, USERS) as start:
                path(rig, start)
                rig.redis.name_by_user()
            assert rig.redis.refusals() == [], path
            rig.redis.note()
            for user in USERS.values():
                used.setdefault(user, set()).update(rig.redis.used.get(user, set()))
    assert superfluous("quantum-reader", used["quantum-reader"]) == superfluous("quantum-adapter", used["quantum-adapter"]) == []
    assert superfluous("quantum-engine", used["quantum-engine"] | {("ping", "")}) == []


CAPACITY = [
    test_capacity_follow.test_u4_it_follows_what_the_neighbour_holds,
    test_capacity_follow.test_u4_no_key_at_all,
    test_capacity_follow.test_u4_another_writer_is_told,
]


def test_the_capacity():
    used = used_by("quantumctl", CAPACITY, operator="quantum-capacity")
    assert superfluous("quantum-capacity", used) == []


# --- what is refused

FOR_NOBODY = [
    "FLUSHALL", "FLUSHDB", "CONFIG SET appendonly no", "CONFIG GET requirepass", "CONFIG REWRITE", "KEYS *", "SHUTDOWN",
    "DEBUG SLEEP 1", "MONITOR", "SAVE", "BGREWRITEAOF", "REPLICAOF h 1", "MODULE LIST", "ACL SETUSER x", "ACL LIST",
    "ACL SAVE", "CLIENT KILL ID 1", "CLIENT LIST", "SCRIPT FLUSH", "SCRIPT KILL", "FUNCTION FLUSH", "SELECT 1", "SWAPDB 0 1",
    "PUBLISH c m", "SUBSCRIBE c", "RENAME quantum:a quantum:b", "GET other", "SET other 1", "DEL quantum:stream:trade.intent",
    "SET quantum:other 1", "XADD other * a b", "EVALSHA aa 1 other", "DEL quantum:router:commit", "RESTORE quantum:x 0 a",
    "FCALL f 0", "WAIT 1 1", "LATENCY RESET", "SLOWLOG GET",
]  # fmt: skip
WRITES = [
    f"SET {OPEN_ORDERS} 1", f"DEL {OPEN_ORDERS}", f"SET {SAFE_MODE} 1", f"DEL {SAFE_MODE}", f"XADD {SIGNALS} * a b",
    f"XADD {INTENTS} * a b", f"XADD {RESULTS} * a b", f"XDEL {INTENTS} 1-1", f"XDEL {SIGNALS} 1-1", f"XTRIM {INTENTS} MAXLEN 1",
    f"XGROUP DESTROY {INTENTS} g", f"XGROUP SETID {INTENTS} g $", f"XACK {SIGNALS} g 1-1", f"XACK {INTENTS} g 1-1",
    f"SET {DEDUP}x 1", f"DEL {DEDUP}x", "SET quantum:router:leader x", "HSET quantum:router:commit seq 1",
    "HSET quantum:paper:positions a b", "SET quantum:rate:execution:global 1", "DEL quantum:exec:processed:x", f"HSET {HELD} a b",
    "INCRBY quantum:governor:daily_trades:20260101 1",
    f"XADD {ORDERS} * a b", f"XADD {ANSWERS} * a b", f"XACK {ORDERS} g 1-1", f"XACK {ANSWERS} g 1-1",
]  # fmt: skip
ALLOWED = {
    "quantum-router": {
        f"XADD {INTENTS} * a b", f"XACK {SIGNALS} g 1-1", f"SET {DEDUP}x 1", "SET quantum:router:leader x",
        "HSET quantum:router:commit seq 1", "INCRBY quantum:governor:daily_trades:20260101 1",
    },
    "quantum-executor": {
        f"SET {OPEN_ORDERS} 1", f"XADD {RESULTS} * a b", f"XGROUP SETID {INTENTS} g $", f"XACK {INTENTS} g 1-1",
        "HSET quantum:paper:positions a b", "SET quantum:rate:execution:global 1", f"XADD {ORDERS} * a b", f"XACK {ANSWERS} g 1-1",
        f"HSET {HELD} a b",
    },
    "quantum-operator": {word for word in WRITES if "stream:" in word or OPEN_ORDERS in word or SAFE_MODE in word}
    | {"HSET quantum:router:commit seq 1", "DEL quantum:exec:processed:x"},
    "quantum-monitor": set(),
    "quantum-engine": {f"XADD {SIGNALS} * a b"},
    "quantum-reader": {f"XACK {INTENTS} g 1-1"},
    "quantum-adapter": {f"XADD {ANSWERS} * a b", f"XACK {ORDERS} g 1-1"},
    "quantum-capacity": {f"SET {OPEN_ORDERS} 1", f"DEL {OPEN_ORDERS}", f"HSET {HELD} a b"},
}  # fmt: skip


@pytest.fixture
def guarded():
    with Rig(GuardedRedis) as rig:
        rig.redis.start()
        yield rig


def may(rig, user, words):
    return rig.db.execute_command("ACL", "DRYRUN", user, *words.split()) == "OK"


def test_what_nobody_may(guarded):
    assert set(users()) == set(ALLOWED)
    assert [(user, words) for user in users() for words in FOR_NOBODY if may(guarded, user, words)] == []


@pytest.mark.parametrize("user", ALLOWED)
def test_what_each_may_write(guarded, user):
    assert {words for words in WRITES if may(guarded, user, words)} == ALLOWED[user]


def test_an_engine_writes_signals_and_a_router_reads_them(guarded):
    guarded.start_open_router(1)
    engine = client_at(guarded.redis.url_for("quantum-engine"))
    with engine, engine.pipeline(transaction=False) as pipe:
        pipe.ping().xadd(SIGNALS, signal("BTCUSDT", "BUY", 0.95)).execute()
        guarded.expect_intent("BTCUSDT")
        with pytest.raises(redis.exceptions.NoPermissionError):
            engine.xlen(SIGNALS)


def test_a_script_writes_no_more_than_its_user_may(guarded):
    source = "return redis.call('SET', KEYS[1], '1')"
    with client_at(guarded.redis.url_for("quantum-monitor")) as monitor:
        hash = monitor.script_load(source)
        with pytest.raises(redis.exceptions.ResponseError, match="can't run this command|no permissions to run"):
            monitor.evalsha(hash, 1, OPEN_ORDERS)
    with client_at(guarded.redis.url_for("quantum-router")) as router:
        with pytest.raises(redis.exceptions.ResponseError, match="can't access at least one of the keys|No permissions to access a key"):
            router.evalsha(hash, 1, OPEN_ORDERS)
    assert not guarded.db.exists(OPEN_ORDERS)


def grant(rig, command):
    """What deploy/README.md does to the file of users."""
    file = rig.folder / "quantum.acl"
    subprocess.run(["sh", "-c", command.replace("/etc/redis/quantum.acl", str(file))], check=True)
    rig.db.execute_command("ACL", "LOAD")


def test_a_neighbours_key_needs_a_right(guarded):
    """Without it nothing is published and nothing opened, and what came is kept."""
    rig = guarded
    also = "--safety.also=quantum:system:mode=LOCKDOWN"
    rig.set_open(0)
    rig.db.set("quantum:price:BTCUSDT", "100")
    router, executor = rig.start_router(also), rig.start_executor(also, TRADE_INTENT_SAFE_DRAIN="false")
    router.expect("NOPERM")
    executor.expect("NOPERM")
    rig.must_xadd("BTCUSDT")
    router.expect_anywhere("COMMIT_REFUSED reason=NOPERM .* → nothing published, batch kept")
    executor.expect_anywhere("EXECUTION_REFUSED reason=NOPERM .* → nothing executed, entries stay pending")
    rig.expect_no_intent()
    assert rig.backlog() == 1
    [command] = re.findall(r"`(sed -Ei [^`]*)`", (ROOT / "deploy/README.md").read_text())
    grant(rig, command)
    rig.expect_intent("BTCUSDT")
    rig.expect_result("filled")
    rig.db.set("quantum:system:mode", "LOCKDOWN")
    router.expect("SAFE_MODE: quantum:system:mode is set")
    executor.expect("SAFE_MODE: quantum:system:mode is set")
    assert not any(may(rig, user, "SET quantum:system:mode NORMAL") for user in users())


# What an executor lacks whose quantum.acl is of 0.1.0, and two halves of it.
WITHOUT = {
    "any right": f"s/(%R)?~{HELD}//g; s/ \\(\\+hset \\+hdel \\+del \\)//",
    "reading": f"s/ %R~{HELD}//",
    "deleting": f"s/ \\+del ~{HELD}/ ~{HELD}/",
}


def expect_traded(rig, count):
    """Opened and closed, with a right to the count alone."""
    rig.must_intend(symbol="BTCUSDT")
    rig.expect_result("filled")
    assert rig.db.get(OPEN_ORDERS) == str(count + 1)
    rig.must_intend(symbol="BTCUSDT", action="CLOSE")
    rig.expect_result("closed")
    assert rig.db.get(OPEN_ORDERS) == str(count) and rig.executor.count("EXECUTION_REFUSED") == 0


@pytest.mark.parametrize("right", WITHOUT)
def test_what_is_held_needs_a_right(guarded, right):
    """Without it the executor trades on, and says so once; with it it is kept from the next connection on."""
    rig = guarded
    rig.set_open(0)
    whole = (rig.folder / "quantum.acl").read_text()
    grant(rig, f"sed -Ei '/^user quantum-executor /{{{WITHOUT[right]}}}' /etc/redis/quantum.acl")
    flags = ["--guards.symbol_rate_max=100", "--guards.global_rate_max=100"]
    rig.start_paper(*flags).expect(f"POSITIONS_NOT_KEPT key={HELD} reason=NOPERM .* → trading goes on" if right == "any right"
                                   else f"POSITIONS_NOT_KEPT key={HELD} reason=NOPERM this user may not run .* on {HELD}")  # fmt: skip
    expect_traded(rig, 0)
    assert not rig.db.exists(HELD)
    (rig.folder / "quantum.acl").write_text(whole)
    rig.db.execute_command("ACL", "LOAD")
    rig.db.client_kill_filter(skipme=True)
    rig.executor.expect("REDIS_BACK")
    rig.must_intend(symbol="ETHUSDT")
    rig.expect_result("filled")
    assert check_held(rig.db, POSITIONS) == {"ETHUSDT": "BUY"}
    rig.executor.expect_count("POSITIONS_NOT_KEPT", 1)


def test_the_right_goes_while_it_runs(guarded):
    rig = guarded
    rig.set_open(0)
    rig.start_paper("--guards.symbol_rate_max=100", "--guards.global_rate_max=100")
    rig.must_intend(symbol="ETHUSDT")
    rig.expect_result("filled")
    user = "quantum-executor"
    rules = [word.replace(f"~{HELD}", "~nothing") for word in granted_words(user)]
    rig.db.execute_command("ACL", "SETUSER", user, "reset", *join_selectors(rules), ">" + rig.redis.passwords[user])
    expect_traded(rig, 1)
    rig.executor.expect_count(f"POSITIONS_NOT_KEPT key={HELD} reason=NOPERM", 1)


def grant_without_held(rig, user):
    """As if its quantum.acl were of 0.1.0."""
    rules = [re.sub(rf" *(%R)?~{HELD}", "", rule) for rule in join_selectors(granted_words(user))]
    rig.db.execute_command("ACL", "SETUSER", user, "reset", *filter(None, rules), ">" + rig.redis.passwords[user])


@pytest.mark.parametrize("unknown", ["pass", "close"])
def test_a_router_without_the_right_knows_of_nothing_held(guarded, unknown):
    """It asks again without, tells it once, and decides as its option says; a look is never refused for it."""
    rig = guarded
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    grant_without_held(rig, "quantum-router")
    router = rig.start_open_router(1, f"--positions.unknown={unknown}")
    then = "no symbol counts as held but those in flight" if unknown == "pass" else "publishing nothing"
    router.expect_anywhere(f"POSITIONS_UNKNOWN key={HELD} open=1 reason=no right → {then}$")
    fates = test_held.offer(rig, router, *test_held.FOUR)
    published = 2 if unknown == "pass" else 0
    assert (fates["symbol_held"], fates["published"], len(rig.intents())) == ("0", str(published), published)
    assert unknown == "pass" or fates["no_slots"] == "4"
    rig.await_ticks()
    router.expect_count("POSITIONS_UNKNOWN", 1)
    assert router.count("REFUSED|NOPERM") == 0


def test_the_routers_right_goes_and_comes(guarded):
    rig = guarded
    rig.db.hset(HELD, "BTCUSDT", "BUY")
    whole = join_selectors(granted_words("quantum-router"))
    router = rig.start_open_router(1)
    rig.must_write(signal("BTCUSDT", "BUY", 0.95))
    router.expect("CYCLE read=1 .*symbol_held=1 ")
    grant_without_held(rig, "quantum-router")
    router.expect("POSITIONS_UNKNOWN .* reason=no right ")
    rig.must_write(signal("BTCUSDT", "BUY", 0.95))
    rig.expect_intent("BTCUSDT")
    rig.db.execute_command("ACL", "SETUSER", "quantum-router", "reset", *whole, ">" + rig.redis.passwords["quantum-router"])
    rig.db.client_kill_filter(skipme=True)
    router.expect("POSITIONS_KNOWN symbols=1$")
    rig.must_write(signal("BTCUSDT", "SELL", 0.95))
    router.expect("CYCLE read=1 .*opposite_held=1 ")

def without_records(user):
    return [re.sub(rf" *(%R)?~({DECISIONS}|{SETTINGS})", "", rule) for rule in join_selectors(granted_words(user))]


def set_rules(rig, user, rules):
    rules = [rule for rule in rules if "~" in rule or not rule.startswith("(")]  # a selector of no key would be one of none
    rig.db.execute_command("ACL", "SETUSER", user, "reset", *filter(None, rules), ">" + rig.redis.passwords[user])


def test_a_router_without_the_right_to_records_trades_on(guarded):
    """As with a quantum.acl of 0.1.0: told once, and from the next connection on with the right there is one."""
    rig = guarded
    user = "quantum-router"
    set_rules(rig, user, without_records(user))
    router = rig.start_open_router(0)
    router.expect_anywhere(f"RECORD_SKIPPED reason=settings key={SETTINGS} .*NOPERM")
    for symbol in "BTCUSDT", "ETHUSDT":
        rig.must_xadd(symbol)
        rig.expect_intent(symbol)
    router.expect_count(f"RECORD_SKIPPED reason=forbidden key={DECISIONS} → decisions leave no record, and trading goes on$", 1)
    assert router.count("REFUSED") == 0 and not rig.db.exists(DECISIONS, SETTINGS)
    set_rules(rig, user, join_selectors(granted_words(user)))
    rig.db.client_kill_filter(skipme=True)
    router.expect("REDIS_BACK")
    rig.must_xadd("SOLUSDT")
    rig.expect_intent("SOLUSDT")
    router.expect("RECORD_BACK skipped=2$")
    assert rig.db.xlen(DECISIONS) == rig.db.hlen(SETTINGS) == 1


def test_a_record_that_must_be_needs_its_right(guarded):
    rig = guarded
    user = "quantum-router"
    set_rules(rig, user, without_records(user))
    router = rig.start_open_router(0, "--record.required=true")
    rig.must_xadd("BTCUSDT")
    router.expect("COMMIT_REFUSED reason=NOPERM ")
    rig.await_ticks()
    rig.expect_no_intent()
    set_rules(rig, user, join_selectors(granted_words(user)))
    rig.expect_intent("BTCUSDT")
    assert rig.db.xlen(DECISIONS) == 1


def granted_words(user):
    return next(line for line in ACL.read_text().splitlines() if f" {user} " in line).split()[2:]


def test_monitors_writes_are_refused_in_words(guarded):
    guarded.redis.url = guarded.redis.url_for("quantum-monitor")
    for words in (("capacity", "set", "3"), ("halt", "why"), ("send", "BTCUSDT", "BUY", "0.9")):
        done = ctl(*words, url=guarded.redis.url)
        assert done.returncode == 1 and "NOPERM" in done.stderr and len(done.stderr.splitlines()) == 1, done
    assert guarded.db.keys() == []
    guarded.must_xadd()
    guarded.db.xgroup_create(SIGNALS, "old", "0")
    live = ("--mode=live",)
    for right, words in {
        "XGROUP|SETID": ("groups", "skip", SIGNALS, "old", *live),
        "XTRIM": ("trim", SIGNALS, "--older-than=1s", *live),
    }.items():
        done = ctl(*words, url=guarded.redis.url)
        assert done.returncode == 1 and f"NOPERM this user may not run {right} on {SIGNALS}" in done.stderr, done


@pytest.mark.parametrize("user", ["quantum-capacity", "quantum-executor", "quantum-half"])
def test_what_may_not_be_done_together_is_not_done_by_halves(guarded, user):
    """MULTI is refused, and each write by itself would not be."""
    guarded.db.execute_command(*"ACL SETUSER quantum-half on >half -@all +@all -multi ~*".split())
    guarded.redis.passwords["quantum-half"] = "half"
    guarded.set_open(2)
    guarded.db.set(SAFE_MODE, "1")
    for words in (("capacity", "set", "7"), ("resume",)):
        done = ctl(*words, url=guarded.redis.url_for(user))
        assert done.returncode == 1 and "NOPERM" in done.stderr and "multi" in done.stderr, done
    assert (guarded.open_orders(), guarded.db.get(SAFE_MODE)) == (2, "1")


# --- the files


def test_nobody_has_a_password_until_one_is_given(guarded):
    text = ACL.read_text()
    assert not any(mark in text for mark in (">", "#", "nopass"))
    for user in users():
        guarded.db.execute_command("ACL", "SETUSER", user, "resetpass")
        for password in ("", user, "quantum"):
            with pytest.raises(redis.exceptions.RedisError, match="WRONGPASS|AUTH|invalid username-password pair"), client_at(
                    f"redis://127.0.0.1:{guarded.redis.port}", username=user, password=password) as client:
                client.ping()


def test_a_password_is_kept(guarded):
    """As deploy/README.md does it: ACL SETUSER, ACL SAVE; and once all have users, nobody without one."""
    guarded.db.execute_command("ACL", "SETUSER", "default", "off")
    guarded.db.execute_command("ACL", "SAVE")
    kept = (guarded.folder / "quantum.acl").read_text()
    for user, password in guarded.redis.passwords.items():
        assert re.search(rf"^user {user} on (sanitize-payload )?#[0-9a-f]{{64}} ", kept, re.MULTILINE) and password not in kept
    with pytest.raises(redis.exceptions.AuthenticationError), guarded.redis.client() as nobody:
        nobody.ping()
    assert ctl("status", "--sample=0", url=guarded.redis.url).returncode in (1, 2)


def test_another_prefix(guarded):
    """With the sed that the file names."""
    line = next(line for line in ACL.read_text().splitlines() if " quantum-router " in line)
    rules = line.replace("~quantum:", "~quantum:{acct7}:").split()[2:]
    guarded.db.execute_command("ACL", "SETUSER", "quantum-router", "reset", *join_selectors(rules),
                               ">" + guarded.redis.passwords["quantum-router"])  # fmt: skip
    guarded.db.set("quantum:{acct7}:state:open_orders", 1)
    guarded.start_router("--prefix=quantum:{acct7}:").expect("CAPACITY_OK")
    assert guarded.redis.refusals() == []


def test_a_router_with_the_rights_of_before_does_not_compare_paces(guarded):
    line = next(line for line in ACL.read_text().splitlines() if " quantum-router " in line)
    rules = [rule for rule in line.split()[2:] if rule != "%R~quantum:exec:server"]
    guarded.db.execute_command("ACL", "SETUSER", "quantum-router", "reset", *join_selectors(rules),
                               ">" + guarded.redis.passwords["quantum-router"])  # fmt: skip
    guarded.db.hset("quantum:exec:server", "pace", "5")
    router = guarded.start_open_router(0)
    guarded.must_write(signal("BTCUSDT"))
    guarded.expect_intent("BTCUSDT")
    assert router.count("PACE_ABOVE|NOPERM") == 0


def join_selectors(rules):
    """SETUSER takes a selector as one word."""
    return re.findall(r"\([^)]*\)|\S+", " ".join(rules))


def test_the_settings_are_taken(guarded):
    lines = [line.split(None, 1) for line in REDIS_CONF.read_text().splitlines() if line and not line.startswith("#")]
    instead = {"unixsocket": str(guarded.redis.socket), "aclfile": str(guarded.folder / "quantum.acl")}
    for name, value in lines:
        got = guarded.db.config_get(name)[name]
        wanted = instead.get(name, value.strip('"'))
        if name == "client-output-buffer-limit":
            wanted = "normal 67108864 16777216 30"
            got = got[: len(wanted)]
        assert got == wanted, name


def test_the_router_has_no_advice_about_these_settings(guarded):
    guarded.start_open_router(1)
    guarded.must_xadd()
    guarded.expect_intent("BTCUSDT")
    assert not re.search("append-only|evict", guarded.router.text())
