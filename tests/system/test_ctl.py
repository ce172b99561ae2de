"""quantumctl send and feed: what they write, what they say, and how they end."""

import json
import re
import signal
import subprocess
import time

import pytest

from harness.ctl import ctl, expect_refused, must
from harness.names import SIGNALS
from harness.process import clean_environment, program, spawn
from harness.redis import free_port
from harness.waiting import FULL, PATIENCE_SEC, soon, wait_until

SUMMARY = re.compile(
    r"sent (\d+) signals in (\d+\.\d) s \((\d+\.\d)/s\): (\d+) at or above 0\.75, "
    r"(\d+) at or above 0\.90, (\d+) invalid, (\d+) repeated\n"
)


def numbers_of(line):
    found = SUMMARY.fullmatch(line)
    assert found, line
    sent, seconds, rate, *counts = found.groups()
    return int(sent), float(seconds), float(rate), [int(count) for count in counts]


# --- send


@pytest.mark.parametrize("form", ["payload", "data"])
def test_send_a_document(rig, form):
    said = must(rig, "send", f"--form={form}", "BTCUSDT", "BUY", "0.91", "leverage=3",
                "rl_gate_pass=true", "reason=1 of 2", "correlation_id=17")  # fmt: skip
    ((entry_id, fields),) = rig.db.xrange(SIGNALS)
    assert said == f"{entry_id}\n"
    assert json.loads(fields.pop(form)) == {
        "symbol": "BTCUSDT", "side": "BUY", "confidence": 0.91, "leverage": 3,
        "rl_gate_pass": True, "reason": "1 of 2",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", fields.pop("timestamp"))
    expected = {"event_type": "ai.decision.made", "source": "ai-engine", "correlation_id": "17"}
    assert fields == expected


def send_in_vain(rig, why, *words):
    """It is sent, and its sender told what the router will make of it."""
    done = ctl("send", *words, url=rig.redis.url)
    ((entry_id, _),) = rig.db.xrevrange(SIGNALS, count=1)
    assert (done.returncode, done.stdout) == (0, f"{entry_id}\n"), done
    assert re.fullmatch(rf"quantumctl send: it is sent, but the router would drop it: [^\n]*{why}[^\n]*\n", done.stderr), done


@pytest.mark.parametrize("words, why", [
    (("BTCUSDT", "UP", "0.9"), r"do not agree on BUY or SELL \(side:UP\)"),
    (("BTCUSDT", "BUY", "0,95"), "confidence"),
    (("BTCUSDT", "BUY", "0.7"), r"confidence 0\.7 is below 0\.75"),
    (("BTC/USDT", "BUY", "0.9"), "symbol"),
    (("--id=17-3", "BTCUSDT", "BUY", "0.9"), "its id is .* s old"),
])  # fmt: skip
@pytest.mark.parametrize("form", ["payload", "data", "flat"])
def test_send_tells_of_a_slip(rig, form, words, why):
    send_in_vain(rig, why, f"--form={form}", *words)


@pytest.mark.parametrize("form", ["payload", "data", "flat"])
@pytest.mark.parametrize("confidence, wanted", [
    ("0.91", {"fate": "candidate", "symbol": "BTCUSDT", "side": "BUY", "score": 0.91}),
    ("0.7", {"fate": "low_confidence"}),
    ("much", {"fate": "invalid", "rule": "confidence"}),
])  # fmt: skip
def test_send_as_a_document(rig, form, confidence, wanted):
    """What it says on stderr else; that it was sent is the exit status."""
    done = ctl("send", "--json", f"--form={form}", "BTCUSDT", "BUY", confidence, url=rig.redis.url)
    assert (done.returncode, done.stderr) == (0, ""), done
    document = json.loads(done.stdout)
    ((entry_id, _),) = rig.db.xrange(SIGNALS)
    assert document["v"] == 1 and document["signal_id"] == entry_id
    assert {name: document[name] for name in wanted} == wanted
    assert document["words"].startswith("the router would drop it: " if "score" not in wanted else "the router would take ")


def test_send_flat_keeps_what_was_typed(rig):
    send_in_vain(rig, "s old", "BTCUSDT", "BUY", "0.910", "leverage=03", "source=me", "timestamp=t", "note=",
                 "--form", "flat", "--id", "17-4")  # fmt: skip
    assert rig.db.xrange(SIGNALS) == [("17-4", {
        "symbol": "BTCUSDT", "side": "BUY", "confidence": "0.910", "leverage": "03", "note": "",
        "source": "me", "timestamp": "t", "event_type": "ai.decision.made",
    })]  # fmt: skip


@pytest.mark.parametrize("form", ["payload", "data", "flat"])
def test_the_router_reads_what_was_sent(rig, form):
    router = rig.start_open_router(0)
    must(rig, "send", f"--form={form}", "btcusdt", "long", "0.91", "position_size_usd=200")
    rig.expect_intent("BTCUSDT", 260.0)
    send_in_vain(rig, "confidence", f"--form={form}", "BTCUSDT", "BUY", "much")
    router.expect("INVALID_SIGNAL_DROP .*reason=confidence")
    send_in_vain(rig, "confidence", f"--form={form}", "BTCUSDT", "BUY", "-0.5")
    router.expect("INVALID_SIGNAL_DROP .*reason=confidence")
    rig.expect_drained()


def test_send_to_the_stream_that_the_router_reads(rig):
    config = rig.folder / "other.conf"
    config.write_text('prefix = "q2:";\n')
    must(rig, f"--config={config}", "send", "BTCUSDT", "BUY", "0.9")
    must(rig, "--prefix=q3:", "send", "BTCUSDT", "BUY", "0.9")
    assert rig.db.xlen("q2:stream:ai.decision.made") == 1
    assert rig.db.xlen("q3:stream:ai.decision.made") == 1


def test_send_says_what_redis_said(rig):
    send_in_vain(rig, "s old", "--id=17-4", "BTCUSDT", "BUY", "0.9")
    refused = f"Redis did not add to {SIGNALS}: ERR .*smaller"
    expect_refused(1, refused, "send", "--id=17-3", "BTCUSDT", "BUY", "0.9", url=rig.redis.url)
    rig.db.delete(SIGNALS)
    rig.db.set(SIGNALS, "x")
    expect_refused(1, "WRONGTYPE", "send", "BTCUSDT", "BUY", "0.9", url=rig.redis.url)
    expect_refused(1, "WRONGTYPE", "send", "--form=flat", "A", "B", "C", url=rig.redis.url)


# --- feed


def counted(entries):
    """What the summary should say, from what is in the stream, as far as it shows."""
    seen, repeats = set(), 0
    for _, fields in entries:
        repeats += fields["correlation_id"] in seen
        seen.add(fields["correlation_id"])
    return repeats


def test_feed_keeps_the_rate(rig):
    began = time.monotonic()
    sent, seconds, rate, counts = numbers_of(must(rig, "feed", "--rate=200", "--seconds=2"))
    took = time.monotonic() - began
    assert sent == rig.db.xlen(SIGNALS) == 400
    assert 2 <= took < soon(3)
    entries = rig.db.xrange(SIGNALS)
    assert counts[3] == counted(entries)
    assert 1.9 <= seconds < soon(2.5) and 400 / soon(2.5) <= rate <= 210
    milliseconds = [int(entry_id.split("-")[0]) for entry_id, _ in entries]
    at_half = sum(1 for moment in milliseconds if moment < milliseconds[0] + 1000)
    assert 160 / soon(1) <= at_half <= 240


def test_feed_tells_the_same_as_the_router(rig):
    rig.start_open_router(10, "--window.max_candidates=16000")
    sent, _, _, counts = numbers_of(must(rig, "feed", "--backlog=2000", "--seed=5"))
    rig.expect_drained()
    wait_until("all entries in CYCLE lines", lambda: rig.tally()["read"] == sent, context=rig.told)
    tally = rig.tally()
    assert tally["invalid"] == counts[2]
    orders = tally["candidates"]
    assert orders <= counts[0] <= orders + tally["hold"] + tally["close"]
    assert sent == orders + sum(tally[f] for f in ("low_confidence", "invalid", "hold", "close"))


@pytest.mark.parametrize("form", ["payload", "data", "flat"])
def test_the_same_seed_gives_the_same_signals(rig, form):
    def feed():
        rig.db.delete(SIGNALS)
        summary = must(rig, "feed", "--backlog=500", "--seed=9", "--form", form)
        entries = [fields for _, fields in rig.db.xrange(SIGNALS)]
        for fields in entries:
            del fields["timestamp"]
        return numbers_of(summary)[3], entries

    first = feed()
    assert len(first[1]) == 500 and any(form == "flat" or form in entry for entry in first[1])
    assert feed() == first


def test_backlog(rig):
    count = 100000 if FULL else 5000
    sent, _, _, counts = numbers_of(must(rig, "feed", f"--backlog={count}"))
    assert sent == count == rig.db.xlen(SIGNALS)
    passing, super_passing, invalid, repeated = (number / count for number in counts)
    assert 0.30 < passing < 0.37 and 0.04 < super_passing < 0.08
    assert 0.015 < invalid < 0.045 and 0.015 < repeated < 0.045


def test_an_aged_backlog(rig):
    now_ms = rig.now_ms()
    must(rig, "feed", "--backlog=1500", "--age-sec=3600")
    ids = [entry_id for entry_id, _ in rig.db.xrange(SIGNALS)]
    assert len(ids) == 1500
    for entry_id in (ids[0], ids[-1]):
        assert 0 <= int(entry_id.split("-")[0]) - (now_ms - 3600000) < soon(10000)
    expect_refused(1, f"the last id of {SIGNALS}, {ids[-1]}, is not older than that",
                   "feed", "--backlog=1", "--age-sec=3700", url=rig.redis.url)  # fmt: skip
    must(rig, "feed", "--backlog=10", "--age-sec=3500")
    assert rig.db.xlen(SIGNALS) == 1510


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_feed_ends_early_with_its_summary(rig, number):
    process = spawn([*program("quantumctl"), "feed", "--rate=100", "--seconds=1000"],
                    subprocess.PIPE, subprocess.PIPE,
                    clean_environment({"REDIS_URL": rig.redis.url}))  # fmt: skip
    wait_until("30 signals", lambda: rig.db.xlen(SIGNALS) >= 30)
    process.send_signal(number)
    out, error = process.communicate(timeout=PATIENCE_SEC)
    assert (process.returncode, error) == (0, b"")
    assert numbers_of(out.decode())[0] == rig.db.xlen(SIGNALS)


def test_feed_when_redis_goes(rig):
    process = spawn([*program("quantumctl"), "feed", "--rate=100", "--seconds=1000"],
                    subprocess.PIPE, subprocess.PIPE,
                    clean_environment({"REDIS_URL": rig.redis.url}))  # fmt: skip
    wait_until("30 signals", lambda: rig.db.xlen(SIGNALS) >= 30)
    answered = rig.db.xlen(SIGNALS)
    wait_until("the next", lambda: rig.db.xlen(SIGNALS) > answered)  # whose answer may be lost with Redis
    rig.redis.kill()
    out, error = process.communicate(timeout=PATIENCE_SEC)
    assert process.returncode == 1
    assert numbers_of(out.decode())[0] >= answered
    said = f"quantumctl feed: Redis at {rig.redis.socket}: [^\n]*\n"
    assert re.fullmatch(said.encode(), error), error


# --- how it is used

SEND = ("send", "BTCUSDT", "BUY", "0.9")
WRONG = [
    ((), "a command is missing"),
    (("--prefix=q:",), "a command is missing"),
    (("sent", "A", "B", "C"), "'sent' is not a command; did you mean 'send'"),
    (("frobnicate",), "'frobnicate' is not a command"),
    (("frobnicate", "--help"), "'frobnicate' is not a command"),
    (("--rate=5", "feed"), "--rate is not an option"),
    (("--redis.url=nonsense", "feed"), "redis.url"),
    (("--redis.url",), "--redis.url needs a value"),
    (("--log-level=loud", *SEND), "loud"),
    (("--config=/nowhere/x.conf", *SEND), "/nowhere/x.conf"),
    (("send",), "it takes SYMBOL SIDE CONFIDENCE [NAME=VALUE]..., and nothing was given"),
    (("send", "BTCUSDT", "BUY"), "not all of it was given"),
    ((*SEND, "leverage"), "'leverage' is not NAME=VALUE"),
    ((*SEND, "=3"), "'=3' has no name"),
    ((*SEND, "a=1", "a=2"), "'a=2' names what was given before"),
    ((*SEND, "side=SELL"), "'side=SELL' was given already"),
    ((*SEND, "note=\udcff"), "is not UTF-8"),
    ((*SEND, "--form=xml"), "'xml' is not one of payload, data, flat"),
    ((*SEND, "--form"), "--form needs a value"),
    ((*SEND, "--fron=flat"), "--fron is not an option"),
    ((*SEND, "--for=flat"), "--for is not an option; did you mean --form"),
    ((*SEND, "--id=now"), "--id=now is no entry id"),
    ((*SEND, "-x"), "-x is not an option"),
    (("feed", "BTCUSDT"), "'BTCUSDT' is not expected here"),
    (("feed", "--rate=fast"), "rate = 'fast' is not a number"),
    (("feed", "--rate=0"), "rate"),
    (("feed", "--rate=-5"), "rate"),
    (("feed", "--rate"), "--rate needs a value"),
    (("feed", "--seconds=0"), "seconds"),
    (("feed", "--seconds=nan"), "seconds"),
    (("feed", "--rate=1", "--seconds=0.1"), "too short for a single signal"),
    (("feed", "--seed=-1"), "seed"),
    (("feed", "--seed=1.5"), "seed"),
    (("feed", "--form=xml"), "form"),
    (("feed", "--backlog=many"), "backlog"),
    (("feed", "--backlog=-1"), "backlog"),
    (("feed", "--backlog=5", "--rate=5"), "does not go with --backlog"),
    (("feed", "--backlog=5", "--seconds=5"), "does not go with --backlog"),
    (("feed", "--age-sec=5"), "is for a --backlog"),
    (("feed", "--backlog=5", "--age-sec=-5"), "age-sec"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(words, said):
    expect_refused(2, re.escape(said), *words)


@pytest.mark.parametrize("words", [SEND, ("feed",), ("feed", "--backlog=5", "--age-sec=5")])
def test_redis_is_away(words):
    port = free_port()
    said = rf"Redis at 127\.0\.0\.1:{port}: Connection refused; start it, or name another"
    expect_refused(1, said, *words, url=f"redis://127.0.0.1:{port}")
    said = r"Redis at /tmp/nowhere\.sock: No such file or directory; start it"
    expect_refused(1, said, *words, url="unix:///tmp/nowhere.sock")


def test_a_password_and_a_database(rig):
    rig.db.config_set("requirepass", "s3cret")
    try:
        expect_refused(1, "NOAUTH", *SEND, url=rig.redis.url)
        url = f"unix://:s3cret@{rig.redis.socket}"
        assert "s3cret" not in ctl(*SEND, url=url + "x").stderr
    finally:
        rig.db.config_set("requirepass", "")
    assert must_at(rig, f"{rig.redis.url}?db=3")
    with rig.redis.client(db=3) as third:
        assert third.xlen(SIGNALS) == 1
    assert rig.db.xlen(SIGNALS) == 0


def must_at(rig, url):
    done = ctl(*SEND, url=url)
    assert done.returncode == 0, done
    return done.stdout


def test_help():
    whole = ctl("--help")
    assert whole.returncode == 0 and whole.stderr == ""
    for command in ("send", "feed"):
        assert re.search(rf"^  {command} ", whole.stdout, re.MULTILINE)
        own = ctl("--config=/nowhere/x.conf", command, "--help")
        assert (own.returncode, own.stderr) == (0, "")
        assert own.stdout.startswith(f"Usage: quantumctl [OPTION]... {command} ")
        assert f"\n  quantumctl {command} " in own.stdout
        assert max(map(len, own.stdout.splitlines())) <= 80
    assert re.fullmatch(r"quantumctl \d+\.\d+\.\d+(\+\S+)?\n", ctl("--version").stdout)


@pytest.mark.parametrize("words", [
    *([name, flag] for name in ("quantumctl", "quantum-router", "quantum-executor") for flag in ("--help", "--version")),
    ["quantum-router", "--check-config"], ["quantum-executor", "--list-options"], ["quantumctl", "send", "--help"],
], ids=" ".join)  # fmt: skip
def test_an_answer_that_a_full_disk_does_not_take(words):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*program(words[0]), *words[1:]], stdout=full, stderr=subprocess.PIPE, env=clean_environment(),
                              text=True, timeout=PATIENCE_SEC)  # fmt: skip
    said = f"{words[0]}[a-z ]*: stdout cannot be written: No space left on device\n"
    assert done.returncode == 1 and re.fullmatch(said, done.stderr), done


def test_a_full_disk_is_told(rig):
    with open("/dev/full", "wb") as full:
        process = spawn([*program("quantumctl"), *SEND], full, subprocess.PIPE,
                        clean_environment({"REDIS_URL": rig.redis.url}))  # fmt: skip
        _, error = process.communicate(timeout=PATIENCE_SEC)
    assert process.returncode == 1 and b"stdout cannot be written" in error
