"""quantumctl check intents, stream and config: the gate before a deployment."""

import json
import random
import re
import subprocess

import jsonschema
import pytest

from harness.ctl import ctl, expect_refused, must
from harness.names import INTENTS, SIGNALS
from harness.process import ROOT, clean_environment, program
from harness.redis import free_port
from harness.signals import document, signal
from harness.waiting import PATIENCE_SEC

SCHEMA = json.loads((ROOT / "config/trade-intent.schema.json").read_text())
WORDS = "All schema validation tests PASSED - the {} understands every one; only their form was checked, not whether a trade is wise"
PASSED, SIGNALS_PASSED = WORDS.format("executor"), WORDS.format("router")
GOOD = {
    "v": 1, "symbol": "BTCUSDT", "action": "BUY", "side": "BUY", "confidence": 0.95, "score": 0.97, "rank": 1,
    "position_size_usd": 130.0, "base_size_usd": 100.0, "size_boost": 1.3, "leverage": 1,
    "timestamp": "2026-01-19T12:00:03.000Z", "source": "ai_strategy_router", "signal_id": "1768824000000-0",
    "decision_id": "d1", "cycle_id": "c1", "reason": "résumé",
}  # fmt: skip


def check(text):
    done = subprocess.run([*program("quantumctl"), "check", "intents", "-", "--json"], input=text.encode(), check=False,
                          capture_output=True, env=clean_environment(), timeout=PATIENCE_SEC)  # fmt: skip
    return json.loads(done.stdout), done.returncode, done.stderr.decode()


def fields_of(result):
    return {(found["entry"], found["field"]) for found in result["violations"]}


# --- documents


def test_what_is_sound_passes(tmp_path):
    file = tmp_path / "intents.json"
    for text in (json.dumps(GOOD), json.dumps([GOOD, GOOD]), "\n".join([json.dumps(GOOD)] * 3) + "\n\n", json.dumps(GOOD, indent=2)):
        file.write_text(text)
        done = ctl("check", "intents", str(file))
        assert (done.returncode, done.stderr) == (0, "") and done.stdout.endswith(PASSED + "\n")


def test_every_violation_is_told():
    bad = {**GOOD, "rank": 0, "symbol": "b", "confidence": "high"}
    del bad["v"]
    result, code, error = check(json.dumps(GOOD) + "\n" + json.dumps(bad) + "\nnonsense\n")
    assert fields_of(result) == {("line 2", "rank"), ("line 2", "symbol"), ("line 2", "confidence"), ("line 2", "v"), ("line 3", "-")}
    assert (code, error) == (1, "quantumctl check: 2 of 3 do not pass: the executor may refuse them; correct what writes such before it goes live\n")
    assert {"entry": "line 2", "field": "rank", "rule": "minimum 1"} in result["violations"]
    assert (result["v"], result["checked"], result["broken"]) == (1, 3, 2)
    assert result["readings"] == [
        {"entry": "line 2", "words": "the executor would make a dead letter of it: its symbol is not 3 to 32 letters, digits, _ and - (b)"},
        {"entry": "line 3", "words": "the executor would make a dead letter of it: it is no JSON (nonsense)"}]  # fmt: skip


def test_what_the_executor_would_make_of_it(tmp_path):
    """In words for people, of each that breaks a rule: it may be more lenient than the schema, and never less."""
    file = tmp_path / "intents.json"
    file.write_text(json.dumps([{**GOOD, "rank": 0}, {**GOOD, "action": "CLOSE"}, {**GOOD, "timestamp": "2026-02-30T12:00:03.000Z"}, GOOD]))
    out = ctl("check", "intents", str(file)).stdout
    assert re.search(r"^#3 +timestamp +its timestamp is no time$", out, re.MULTILINE)
    assert "#1: the executor would read BTCUSDT BUY $130.00 from it\n" in out
    assert "#2: the executor would read an exit of BTCUSDT from it\n" in out
    assert "#3: the executor would make a dead letter of it: its timestamp is no time\n" in out
    assert "#4" not in out and "4 checked" in out


def test_what_would_make_an_exit_of_it():
    """The schema does not let it stand beside."""
    for more in ({"reduce_only": True}, {"reduceOnly": 1}, {"direction": "SHORT"}):
        result, code, _ = check(json.dumps({**GOOD, **more}))
        assert (code, fields_of(result)) == (1, {("#1", name) for name in more})


def test_side_and_action_say_the_same():
    result, code, _ = check(json.dumps({**GOOD, "side": "SELL"}))
    assert (code, fields_of(result)) == (1, {("#1", "side")})


def test_words_of_numbers_are_read_as_the_executor_reads_them(rig):
    """Of what is carried they are not there; what is needed they break."""
    carried = {**GOOD, "take_profit": float("nan"), "stop_loss": float("-inf"), "features": [float("inf")]}
    texts = [json.dumps(carried), json.dumps({**GOOD, "confidence": float("nan")})]
    result, code, _ = check("\n".join(texts))
    assert (code, fields_of(result)) == (1, {("line 2", "confidence")})
    assert result["violations"][0]["rule"] == "type number"
    assert check(json.dumps([carried, carried]))[1] == check(json.dumps(carried, indent=2))[1] == 0
    rig.db.xadd(INTENTS, {"payload": texts[0]}, id="5-1")
    assert must(rig, "check", "stream", INTENTS) == f"1 checked, 0 violations in 0\n{PASSED}\n"


def test_keys_are_not_doubled():
    result, code, _ = check(json.dumps(GOOD)[:-1] + ', "v": 1}')
    assert code == 1 and "duplicate" in result["violations"][0]["rule"]


def test_nothing_proves_nothing():
    for text in ("", "\n\n", "[]"):
        _, code, error = check(text)
        assert code == 1 and "nothing to check" in error
    result, code, _ = check("[17]")
    assert code == 1 and result["violations"][0]["rule"] == "type object"


VALUES = [None, True, 0, 1, -1, 1.0, 1.5, 1e30, "", "BUY", "HOLD", "BTCUSDT", "btc", "é" * 256, "é" * 257, "x" * 65, "1-0",
          "2026-01-19T12:00:03.000Z", "2026-01-19T12:00:03.000Z\n", {}, [], "ai_strategy_router"]  # fmt: skip


def expected_fields(intent):
    found = set()
    for error in jsonschema.Draft202012Validator(SCHEMA).iter_errors(intent):
        if error.validator == "required":
            found.add(re.match("'(.*)' is a required", error.message)[1])
        elif error.validator is None:  # of a field whose schema is false, newer versions say no path
            found.update(name for name in intent if SCHEMA["properties"].get(name) is False)
        else:
            found.add(error.absolute_path[0])
    return found


def test_it_judges_as_jsonschema_does():
    """Each field at each value, and some at once."""
    dice = random.Random(7)
    intents = [{**GOOD, name: value} for name in SCHEMA["properties"] for value in VALUES]
    intents += [{key: value for key, value in GOOD.items() if key != name} for name in GOOD]
    for _ in range(300):
        some = {dice.choice(list(SCHEMA["properties"])): dice.choice(VALUES) for _ in range(4)}
        intents.append({**GOOD, **some})
    result, _, _ = check("\n".join(map(json.dumps, intents)))
    told = {}
    for found in result["violations"]:
        if found["rule"] != "is not action":
            told.setdefault(int(found["entry"].split()[1]) - 1, set()).add(found["field"])
    assert result["checked"] == len(intents)
    for number, intent in enumerate(intents):
        # Python's $ also stands before a newline at the end; in JSON Schema it does not.
        if any(isinstance(value, str) and value.endswith("\n") for value in intent.values()):
            continue
        assert told.get(number, set()) == expected_fields(intent), intent


# --- streams


def test_what_the_router_publishes_passes(rig):
    rig.start_open_router(0, "--capacity.max_new_per_cycle=10", "--capacity.target_open=10")
    rig.must_write(signal("BTCUSDT", entry_price=43000.5, model="m"), signal("ETHUSDT", "SELL", 0.8, reason="x"))
    rig.expect_drained()
    assert must(rig, "check", "stream", INTENTS) == f"2 checked, 0 violations in 0\n{PASSED}\n"


def test_a_stream_names_the_entries(rig):
    rig.db.xadd(INTENTS, {"payload": json.dumps(GOOD)}, id="5-1")
    rig.db.xadd(INTENTS, {"payload": json.dumps({**GOOD, "rank": 0})}, id="5-2")
    rig.db.xadd(INTENTS, {"symbol": "BTCUSDT"}, id="5-3")
    done = ctl("check", "stream", INTENTS, url=rig.redis.url)
    assert done.returncode == 1 and PASSED not in done.stdout
    assert re.search(r"^5-2 +rank +minimum 1$", done.stdout, re.MULTILINE)
    assert re.search(r"^5-3 +- +the entry has no payload$", done.stdout, re.MULTILINE)
    assert "5-2" not in ctl("check", "stream", INTENTS, "--last=1", url=rig.redis.url).stdout
    expect_refused(1, "there is no stream quantum:stream:nothing", "check", "stream", "quantum:stream:nothing", url=rig.redis.url)
    rig.db.xtrim(INTENTS, 0)
    assert "there was nothing to check" in ctl("check", "stream", INTENTS, url=rig.redis.url).stderr


def test_a_stream_is_named_with_or_without_the_prefix(rig):
    """As status shows it; what is there by the name as it was given goes first."""
    short = INTENTS.removeprefix("quantum:")
    rig.db.xadd(INTENTS, {"payload": json.dumps(GOOD)})
    rig.db.xgroup_create(INTENTS, "one", "$")
    assert must(rig, "check", "stream", short).startswith("1 checked, 0 violations")
    assert must(rig, "trim", short, "--older-than=1h").startswith(f"{INTENTS}: 1 entry, 1 group\n")
    assert INTENTS in must(rig, "groups", "list", short)
    assert "last delivered" in must(rig, "groups", "skip", short, "one")
    rig.db.xadd(short, {"payload": "{"})
    rig.db.xadd(short, {"payload": "{"})
    assert must(rig, "trim", short, "--older-than=1h").startswith(f"{short}: 2 entries, 0 groups\n")


def test_more_than_a_page(rig):
    pipe = rig.db.pipeline()
    for n in range(1700):
        pipe.xadd(INTENTS, {"payload": json.dumps({**GOOD, "rank": 0 if n == 300 else 1})})
    pipe.execute()
    done = ctl("check", "stream", INTENTS, "--last=1399", url=rig.redis.url)
    assert done.returncode == 0 and done.stdout.startswith("1399 checked, 0")
    assert ctl("check", "stream", INTENTS, "--last=1400", url=rig.redis.url).returncode == 1


def test_signals_are_held_against_their_own_rules(rig):
    rig.must_write(signal("BTCUSDT"), document("ETHUSDT", confidence=0.1), signal("XRPUSDT", "HOLD"))
    assert must(rig, "check", "stream", SIGNALS).endswith(SIGNALS_PASSED + "\n")
    (bad,) = rig.must_write(signal("BTCUSDT", "UP"))
    done = ctl("check", "stream", SIGNALS, url=rig.redis.url)
    assert done.returncode == 1 and re.search(rf"^{bad} +side +the router would drop it", done.stdout, re.MULTILINE)


# --- configuration


@pytest.mark.parametrize("name", ["router", "executor"])
def test_shipped_files_are_sound(name):
    done = ctl("check", "config", str(ROOT / f"config/{name}.conf"))
    assert (done.returncode, done.stdout) == (0, f"{ROOT}/config/{name}.conf is sound for quantum-{name}\n")


def test_a_file_that_is_not_sound(tmp_path):
    file = tmp_path / "x.conf"
    file.write_text("capacity: { max_open = 0; };\nwindow: { secnds = 3; };\n")
    done = ctl("check", "config", str(file), MAX_OPEN_ORDERS="7")
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 2 and f"{file}:1" in done.stderr and f"{file}:2" in done.stderr
    assert ctl("check", "config", "--program=executor", str(ROOT / "config/router.conf")).returncode == 2


# --- how it is used

WRONG = [
    (("check",), "it takes signals FILE|- | intents FILE|- | stream STREAM | config FILE, and nothing was given"),
    (("check", "intents"), "not all of it was given"),
    (("check", "orders", "x"), "'orders' is none of signals, intents, stream, config"),
    (("check", "intents", "a", "b"), "'b' is not expected here"),
    (("check", "intents", "-", "--last=5"), "--last is for check stream"),
    (("check", "stream", "x", "--last=0"), "last"),
    (("check", "stream", "x", "--program=router"), "--program is for check config"),
    (("check", "config", "x", "--json"), "--json is for check signals, check intents and check stream"),
    (("check", "config", "x", "--program=ctl"), "'ctl' is not one of auto, router, executor"),
]


@pytest.mark.parametrize("words, said", WRONG, ids=lambda value: repr(value)[:40])
def test_wrong_usage(words, said):
    expect_refused(2, re.escape(said), *words)


def test_what_is_not_there():
    port = free_port()
    expect_refused(1, "No such file", "check", "intents", "/nowhere/x.json")
    expect_refused(2, "/nowhere/x.conf", "check", "config", "/nowhere/x.conf")
    expect_refused(1, rf"Redis at 127\.0\.0\.1:{port}: Connection refused", "check", "stream", "x", url=f"redis://127.0.0.1:{port}")
