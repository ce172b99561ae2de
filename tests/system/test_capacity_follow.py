"""quantumctl capacity follow: open orders and what is held, after the hashes of a neighbour, one for each symbol."""

import os
import random
import signal
import socket
import subprocess
import threading
import time

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.executor import intent
from harness.follower import FROM, QUICK, Follower, await_look
from harness.names import HELD, INTENTS, OPEN_ORDERS, POSITIONS, SIGNALS
from harness.process import clean_environment, kill_hard, program, spawn
from harness.signals import signal as entry
from harness.waiting import SLOWNESS, soon, wait_until

NEIGHBOUR = ("--amount=position_amt", "--amount=quantity", "--side=side", "--at=ts_epoch")


def put(rig, symbol, amount=None, quantity=None, side=None, age=0, key=None, **more):
    """As the neighbour writes it."""
    fields = {"position_amt": amount, "quantity": quantity, "side": side, "ts_epoch": time.time() - age, **more}
    rig.db.hset(key or f"{HELD}:{symbol}", mapping={name: value for name, value in fields.items() if value is not None})
    rig.db.expire(key or f"{HELD}:{symbol}", 3600)


def world(rig):
    """Two held, one flat that is old."""
    put(rig, "BTCUSDT", "0.5", "0.5", "LONG")
    put(rig, "ETHUSDT", "-2.25", "2.25", "SHORT")
    put(rig, "XRPUSDT", "0.0", "0.0", "FLAT", age=90_000)


def kept(rig):
    """Count and hash of one moment."""
    count, held = rig.db.pipeline(transaction=True).get(OPEN_ORDERS).hgetall(HELD).execute()
    return count, held


def expect_kept(rig, count, follower=None, **held):
    wait_until(f"{count} {held}", lambda: kept(rig) == (count, held), context=lambda: f"{kept(rig)}{follower.told() if follower else ''}")


def expect_unknown(rig, follower, why):
    follower.expect(f"→ unknown: {why}")
    assert kept(rig) == (None, {}), follower.told()


# --- what is held


def test_u4_it_follows_what_the_neighbour_holds(rig):
    world(rig)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect(f"{OPEN_ORDERS} missing → 2 held=[BTCUSDT BUY, ETHUSDT SELL]")
        assert kept(rig) == ("2", {"BTCUSDT": "BUY", "ETHUSDT": "SELL"})
        follower.expect_silence()
        rig.db.delete(f"{HELD}:BTCUSDT")
        follower.expect(f"{OPEN_ORDERS} 2 → 1 held=[ETHUSDT SELL]")
        put(rig, "ETHUSDT", "2.25", side="LONG")
        follower.expect(f"{OPEN_ORDERS} 1 → 1 held=[ETHUSDT BUY]")
        put(rig, "ETHUSDT", "0", side="FLAT")
        follower.expect(f"{OPEN_ORDERS} 1 → 0 held=[]")
        assert kept(rig) == ("0", {})


@pytest.mark.parametrize(
    "fields, side",
    [
        ({"position_amt": "-0.5", "side": "LONG"}, "SELL"),  # a sign says it
        ({"position_amt": "+5e-1", "side": "SHORT"}, "BUY"),
        ({"quantity": "0.5", "side": "SHORT"}, "SELL"),  # without one the side does
        ({"quantity": "0.5", "side": "long"}, "BUY"),
        ({"quantity": "0.5", "side": "SELL"}, "SELL"),
        ({"quantity": " 0.5 ", "side": " Buy "}, "BUY"),
        ({"position_amt": "0.5"}, "BUY"),  # and without that it is a positive number
        ({"position_amt": "", "quantity": "0.5", "side": "SHORT"}, "SELL"),  # nothing is not there
        ({"position_amt": "0", "quantity": "0.5", "side": "SHORT"}, None),  # the first that is there counts
        ({"position_amt": "-0.0", "side": "SHORT"}, None),
    ],
)
def test_u4_amount_and_side(rig, fields, side):
    rig.db.hset(f"{HELD}:AAAUSDT", mapping={**fields, "ts_epoch": time.time()})
    with Follower(rig, *NEIGHBOUR) as follower:
        held = {"AAAUSDT": side} if side else {}
        follower.expect(f"→ {len(held)} held=")
        assert kept(rig) == (str(len(held)), held)


@pytest.mark.parametrize("at", ["{}", "{:.3f}", "{:.0f}000", "iso"])
def test_u4_times_of_all_kinds(rig, at):
    def written(age):
        now = time.time() - age
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)) if at == "iso" else at.format(now)

    rig.db.hset(f"{HELD}:AAAUSDT", mapping={"position_amt": "1", "ts_epoch": written(5)})
    with Follower(rig, *NEIGHBOUR, "--stale-sec=60") as follower:
        follower.expect("→ 1 held=[AAAUSDT BUY]")
        rig.db.hset(f"{HELD}:AAAUSDT", "ts_epoch", written(65))
        expect_unknown(rig, follower, f"{HELD}:AAAUSDT is held and stale (--stale-sec)")


def test_u4_without_a_time_its_age_does_not_matter(rig):
    put(rig, "BTCUSDT", "1", age=90_000)
    with Follower(rig) as follower:
        follower.expect("→ 1 held=[BTCUSDT BUY]")


def test_u4_names_and_numbers(rig):
    """Keys of one symbol add up; the hash itself is nobody's position, though the pattern says so."""
    put(rig, "btcusdt", "1")
    put(rig, "BTCUSDT", "2")
    rig.db.set(OPEN_ORDERS, 7)
    with Follower(rig, *NEIGHBOUR, f"--from={HELD}*") as follower:
        expect_unknown(rig, follower, f"{HELD}:BTCUSDT is held, and no symbol")
    with Follower(rig, *NEIGHBOUR, f"--from={HELD}:*") as follower:
        follower.expect("→ 2 held=[BTCUSDT BUY 2]")
        assert kept(rig) == ("2", {"BTCUSDT": "BUY 2"})
        put(rig, "BTCUSDT", "-2")
        expect_unknown(rig, follower, "BTCUSDT is held on both sides")


def test_u4_a_pattern_with_an_end(rig):
    put(rig, None, "1", key="acct:{7}:BTCUSDT:position")
    put(rig, None, "1", key="acct:{7}:BTCUSDT:order")
    with Follower(rig, *NEIGHBOUR, "--from=acct:{7}:*:position") as follower:
        follower.expect("→ 1 held=[BTCUSDT BUY]")


# --- what is not known


def test_u4_the_hash_of_another_name(rig):
    (rig.folder / "router.conf").write_text('keys = { held = "quantum:held"; };\n')
    put(rig, "BTCUSDT", "0.5")
    words = ["--config", rig.folder / "router.conf", "capacity", "follow", f"--from={FROM}", QUICK, *NEIGHBOUR]
    process = spawn([*program("quantumctl"), *words], subprocess.DEVNULL, subprocess.DEVNULL, clean_environment({"REDIS_URL": rig.redis.url}))
    try:
        wait_until("what is held under that name", lambda: rig.db.hgetall("quantum:held") == {"BTCUSDT": "BUY"})
        assert not rig.db.exists(HELD)
    finally:
        kill_hard(process)


def test_u4_what_it_writes_agrees(rig):
    """By the rule by which the router believes it, several positions of a symbol too."""
    put(rig, "BTCUSDT", "0.5", key=f"{HELD}:BTCUSDT")
    put(rig, "BTCUSDT", "0.5", key=f"{HELD}:btcusdt")
    put(rig, "ETHUSDT", "-2.25")
    with Follower(rig, *NEIGHBOUR) as follower:
        expect_kept(rig, "3", follower, BTCUSDT="BUY 2", ETHUSDT="SELL")
        assert must(rig, "positions").splitlines()[-1] == "agrees: 3 open, 3 held"


@pytest.mark.parametrize(
    "fields, why",
    [
        ({"ts_epoch": "1"}, "is held and stale (--stale-sec)"),
        ({"ts_epoch": ""}, "is held, and its time cannot be read (--at)"),
        ({"ts_epoch": "yesterday"}, "is held, and its time cannot be read (--at)"),
        ({"ts_epoch": "9999999999"}, "is held, and its time cannot be read (--at)"),
        ({"position_amt": "nan"}, "has an amount that is no number (--amount)"),
        ({"position_amt": "much"}, "has an amount that is no number (--amount)"),
        ({"position_amt": "1e400"}, "has an amount that is no number (--amount)"),
        ({"position_amt": "", "quantity": "none"}, "has no amount (--amount)"),
        ({"side": "FLAT"}, "is held on a side that is none of LONG, SHORT, BUY and SELL (--side)"),
    ],
)
def test_u4_what_cannot_be_believed_is_unknown(rig, fields, why):
    world(rig)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        if fields == {"ts_epoch": "1"}:
            fields = {"ts_epoch": time.time() - 121}
        rig.db.hset(f"{HELD}:BTCUSDT", mapping=fields)
        expect_unknown(rig, follower, f"{HELD}:BTCUSDT {why}")
        follower.expect_silence()
        put(rig, "BTCUSDT", "0.5", "0.5", "LONG")
        follower.expect(f"{OPEN_ORDERS} missing → 2 held=[BTCUSDT BUY, ETHUSDT SELL]")


@pytest.mark.parametrize("field", ["position_amt", "quantity", "side", "ts_epoch"])
def test_u4_a_value_of_any_length(rig, field):
    """It is not read: who writes the hashes does not say how much memory it takes."""
    world(rig)
    rig.db.hset(f"{HELD}:XRPUSDT", field, "0" * 256)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        rig.db.hset(f"{HELD}:XRPUSDT", field, "0" * (64 << 20))
        expect_unknown(rig, follower, f"{HELD}:XRPUSDT has {64 << 20} bytes in {field}, and more than 256 are not read")


def test_u4_names_that_are_no_symbols(rig):
    """Flat it does not matter."""
    world(rig)
    put(rig, "B", "0")
    put(rig, "ACCOUNT:BTCUSDT", "0")
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        put(rig, "B", "1")
        expect_unknown(rig, follower, f"{HELD}:B is held, and no symbol: 3 to 32 of A-Z 0-9 _ -")


def test_u4_a_key_of_another_type(rig):
    world(rig)
    rig.db.set(f"{HELD}:BNBUSDT", "x")
    with Follower(rig, *NEIGHBOUR) as follower:
        expect_unknown(rig, follower, f"{HELD}:BNBUSDT: WRONGTYPE")


def test_u4_no_key_at_all(rig):
    rig.db.set(OPEN_ORDERS, 7)
    rig.db.hset(HELD, "BTCUSDT", "BUY 7")
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect(f"{OPEN_ORDERS} 7 → unknown: there is no such key (--none-is-zero: then nothing is held)")
        assert kept(rig) == (None, {})
    with Follower(rig, *NEIGHBOUR, "--none-is-zero") as follower:
        follower.expect(f"{OPEN_ORDERS} missing → 0 held=[]")
        assert kept(rig) == ("0", {})


def test_u4_more_keys_than_it_looks_at(rig):
    pipe = rig.db.pipeline(transaction=False)
    for number in range(10_000):
        pipe.hset(f"{HELD}:S{number:05}", mapping={"position_amt": "1", "ts_epoch": time.time()})
    pipe.execute()
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect(f"{OPEN_ORDERS} missing → 10000 held=[S00000 BUY, ")
        assert rig.db.hlen(HELD) == 10_000
        put(rig, "ONEMORE", "0")
        expect_unknown(rig, follower, "there are over 10000 such keys")


# --- the two keys


def test_u4_keys_of_a_wrong_type_stay_and_the_other_goes(rig):
    world(rig)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        for key, other in ((OPEN_ORDERS, HELD), (HELD, OPEN_ORDERS)):
            rig.db.pipeline(transaction=True).delete(key).rpush(key, "theirs").execute()
            follower.expect(f"cannot be kept: {key} is a list, not a ")
            assert rig.db.lrange(key, 0, -1) == ["theirs"] and not rig.db.exists(other)
            follower.expect_silence()
            rig.db.delete(key)
            follower.expect("→ 2 held=")


def test_u4_another_writer_is_told(rig):
    world(rig)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        rig.db.set(OPEN_ORDERS, 5)
        follower.expect(f"{OPEN_ORDERS} 5 → 2 held=[BTCUSDT BUY, ETHUSDT SELL] (somebody else had written it)")
        rig.db.hset(HELD, "BTCUSDT", "SELL")
        follower.expect(f"{OPEN_ORDERS} 2 → 2 held=")
        expect_kept(rig, "2", follower, BTCUSDT="BUY", ETHUSDT="SELL")


def test_u4_count_and_hash_change_at_one_moment(rig):
    """However it is killed."""
    stop = threading.Event()

    def move():
        chance = random.Random(7)
        with rig.redis.client() as db:
            while not stop.is_set():
                key = f"{HELD}:S{chance.randrange(30):03}"
                db.hset(key, mapping={"position_amt": chance.choice(["0", "1", "-1"]), "ts_epoch": time.time()})

    def look():
        count, held = kept(rig)
        assert count == str(len(held)) or (count, held) == (None, {}), (count, held)
        return count

    put(rig, "S000", "1")
    mover = threading.Thread(target=move)
    mover.start()
    seen = set()
    try:
        for _ in range(6):
            with Follower(rig, *NEIGHBOUR) as follower:
                follower.expect("held=")
                for _ in range(40):
                    seen.add(look())
                os.kill(follower.process.pid, signal.SIGKILL)
            look()
    finally:
        stop.set()
        mover.join()
    assert len(seen) > 1


def test_u4_what_it_wrote_ends_after_it(rig):
    """A count that nobody keeps any more is not left to be believed."""
    world(rig)
    with Follower(rig, *NEIGHBOUR, "--stale-sec=2") as follower:
        follower.expect("→ 2 held=")
        put(rig, "BTCUSDT", "0")
        put(rig, "ETHUSDT", "0")
        follower.expect("→ 0 held=")
        put(rig, "ETHUSDT", "1", side="LONG")
        follower.expect("→ 1 held=")
        follower.process.kill()
    assert kept(rig) == ("1", {"ETHUSDT": "BUY"}) and 0 < rig.db.pttl(OPEN_ORDERS) <= 2000 and 0 < rig.db.pttl(HELD) <= 2000
    expect_kept(rig, None)
    for words, seconds in ((("--stale-sec=50",), 50), (("--stale-sec=1", "--interval=4"), 12)):
        with Follower(rig, *NEIGHBOUR, *words) as follower:
            follower.expect_meanwhile("→ 1 held=", lambda: rig.db.hset(f"{HELD}:ETHUSDT", "ts_epoch", time.time()))
            assert seconds * 1000 - soon(500) < rig.db.pttl(OPEN_ORDERS) <= seconds * 1000
            rig.db.delete(OPEN_ORDERS)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_u4_it_ends_within_a_second(rig, number):
    world(rig)
    with Follower(rig, *NEIGHBOUR, "--interval=60") as follower:
        follower.expect("→ 2 held=")
        assert follower.stop(number) < SLOWNESS
    assert kept(rig)[0] == "2"
    rig.db.delete(OPEN_ORDERS)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        os.kill(rig.redis.process.pid, signal.SIGSTOP)
        try:
            assert follower.stop(number) < SLOWNESS
        finally:
            os.kill(rig.redis.process.pid, signal.SIGCONT)


def test_u4_redis_goes_and_comes_back(durable_rig):
    rig = durable_rig
    world(rig)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        rig.redis.kill()
        follower.expect("tried again until it answers")
        time.sleep(0.5)  # it tries again, and says no more
        rig.redis.start()
        follower.expect("Redis answers again")
        put(rig, "BTCUSDT", "0")
        follower.expect("→ 1 held=[ETHUSDT SELL]")
        rig.db.script_flush()
        put(rig, "BTCUSDT", "1")
        follower.expect("→ 2 held=")
        lost = [line for line in follower.lines() if "tried again" in line]
        assert len(lost) == 1, follower.told()


def test_u4_a_start_without_redis(rig):
    world(rig)
    url = rig.redis.url
    socket_path = rig.redis.socket
    os.rename(socket_path, f"{socket_path}.away")
    with Follower(rig, *NEIGHBOUR, url=url) as follower:
        follower.expect("tried again until it answers")
        os.rename(f"{socket_path}.away", socket_path)
        follower.expect("→ 2 held=")


# --- beside others


def test_u4_a_router_follows_it(rig):
    world(rig)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        router = rig.start_router()
        router.expect("CAPACITY_OK open=2 target=3 allowed=1")
        put(rig, "SOLUSDT", "1")
        router.expect("TARGET_REACHED open=3 target=3")
        rig.db.hset(f"{HELD}:SOLUSDT", "ts_epoch", time.time() - 3600)
        router.expect(f"CAPACITY_UNKNOWN: {OPEN_ORDERS} missing")
        rig.must_write(entry("AAAUSDT"))
        rig.expect_drained()
        assert rig.intents() == []
        rig.db.delete(f"{HELD}:SOLUSDT")
        router.expect("CAPACITY_OK open=2 target=3 allowed=1")
        assert rig.db.xlen(SIGNALS) == 1


def test_u4_it_refuses_to_run_beside_our_executor(rig):
    words = ("capacity", "follow", f"--from={FROM}")
    expect_refused(2, "venue.safe_drain is false: quantum-executor keeps", *words, url=rig.redis.url,
                   TRADE_INTENT_SAFE_DRAIN="false")  # fmt: skip
    rig.db.hset(POSITIONS, "1-0", "{}")
    expect_refused(2, f"{POSITIONS} holds 1 position: quantum-executor keeps", *words, url=rig.redis.url)
    assert not rig.db.exists(OPEN_ORDERS)


def test_u4_it_ends_when_our_executor_begins(rig):
    """Else each would write its own count over the other one, and the cap would hold for neither."""
    world(rig)
    with Follower(rig, *NEIGHBOUR) as follower:
        follower.expect("→ 2 held=")
        executor = rig.start_paper()
        rig.db.xadd(INTENTS, intent("ADAUSDT"))
        executor.expect("FILLED ADAUSDT")
        follower.expect(f"{POSITIONS} holds 1 position: quantum-executor keeps {OPEN_ORDERS} itself")
        assert follower.process.wait(30 * SLOWNESS) == 2
        rig.db.xadd(INTENTS, intent("SOLUSDT"))
        executor.expect("FILLED SOLUSDT")
        assert (rig.db.get(OPEN_ORDERS), rig.db.hgetall(HELD)) == ("2", {"ADAUSDT": "BUY", "SOLUSDT": "BUY"})


@pytest.mark.parametrize(
    "words, said",
    [
        (("follow",), "--from is missing"),
        (("follow", "--from=quantum:state:positions"), "must have one \\*"),
        (("follow", "--from=a*b*"), "must have one \\*"),
        (("follow", "--from=a[bc]*"), "must have one \\*"),
        (("follow", "--from=a*", "--amount="), "--amount: no field is named"),
        (("follow", "--from=a*", "more"), "'more' is not expected here: follow takes nothing"),
        (("follow", "--from=a*", "--json"), "--json is for show"),
        (("follow", "--from=a*", "--interval=0"), "interval"),
        (("show", "--none-is-zero"), "--none-is-zero is for follow"),
        (("set", "3", "--from=a*"), "--from is for follow"),
    ],
)
def test_u4_wrong_usage(words, said):
    expect_refused(2, said, "capacity", *words)


def test_u4_one_who_reads_no_more_ends_it(rig):
    world(rig)
    command = [*program("quantumctl"), "capacity", "follow", f"--from={FROM}", QUICK]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment({"REDIS_URL": rig.redis.url}))
    try:
        assert b"held=" in process.stdout.readline()
        process.stdout.close()
        put(rig, "BTCUSDT", "-7")
        assert process.wait(20 * SLOWNESS) == 0 and process.stderr.read() == b""
    finally:
        kill_hard(process)
        process.stderr.close()


def test_u4_systemd_hears_that_it_is_ready_and_lives(rig):
    world(rig)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(rig.folder / "notify"))
        heard.settimeout(20 * SLOWNESS)
        with Follower(rig, *NEIGHBOUR, NOTIFY_SOCKET=str(rig.folder / "notify")):
            wanted = {b"READY=1", b"WATCHDOG=1", b"STATUS=2 positions are held, of 3 keys"}
            while wanted:
                wanted.discard(heard.recv(4096))


def test_u4_help_names_it():
    assert "follow" in ctl("capacity", "--help").stdout


def test_who_may_not_load_the_script_goes_on_trying(rig):
    rig.db.execute_command(*"ACL SETUSER half on >half -@all +@all -script|load ~*".split())
    world(rig)
    with Follower(rig, *NEIGHBOUR, url=f"unix://half:half@{rig.redis.socket}") as follower:
        follower.expect("permissions to run the 'script|load' command; tried again until it can")
        rig.db.execute_command(*"ACL SETUSER half +script|load".split())
        expect_kept(rig, "2", follower, BTCUSDT="BUY", ETHUSDT="SELL")
