"""common/trade/README.md says all that the wire has, in the order in which it stands there."""

import json
import re
import subprocess

import readmes
from harness.names import INTENTS, RESULTS
from harness.process import BUILD, ROOT, clean_environment
from harness.signals import document

TEXT = (ROOT / "common/trade/README.md").read_text()
NAME = re.compile(r"`([^`]+)`")


def source(path):
    return (ROOT / path).read_text()


def named(heading):
    """What the first cells of its tables name, table after table."""
    return [name for table in readmes.tables(TEXT) if table.heading == heading for _, cells in table.rows for name in NAME.findall(cells[0])]


def section(heading):
    return "\n".join(line for _, line, under, _ in readmes.walk(TEXT) if under == heading)


def test_the_fields_of_a_signal():
    carried = re.findall(r'\{"(\w+)", (?:amount|number|text)_of\}', source("common/trade/signal.c"))
    schema = json.loads(source("config/signal.schema.json"))["properties"]
    assert len(carried) >= 12 and set(carried) <= set(named("Fields"))
    assert set(schema) == set(named("Fields")) - {"source", "intent.carry"}


def test_the_words_of_a_direction():
    words = re.findall(r'\{"(\w+)", SAYS_', source("common/trade/direction.c"))
    said = section("Direction")
    assert len(words) > 10 and not [word for word in words if not re.search(rf"\b{word}\b", said)]


def test_the_rules():
    """Those that signals can break."""
    rules = re.findall(r'\[RULE_\w+\] = \{\s*"(\w+)"', source("common/trade/rule.c").split("[RULE_ACTION]")[0])[1:]
    told = section("Bounds") + section("Age")
    assert len(rules) > 12 and not [rule for rule in rules if f"`{rule}`" not in told]


def test_an_intent_and_its_result(rig):
    """Every field of a whole one, in this order."""
    whole = {"entry_price": 50000, "timestamp": rig.now_ms(), "source": "engine"}
    rig.start_paper()
    rig.start_open_router(0)
    rig.must_write(document("BTCUSDT", beside={"trace_id": "t", "correlation_id": "c"}, **whole))
    rig.expect_result("filled")
    (_, entry), (_, result) = rig.db.xrange(INTENTS)[0], rig.db.xrange(RESULTS)[0]
    rows = named("Intents")
    assert list(entry) == rows[: len(entry)]
    assert list(json.loads(entry["payload"])) == [*rows[len(entry) :], "entry_price"]
    assert [name for name in named("Results") if name in result] == list(result)
    assert set(named("Results")) - set(result) == {"profit_usd", "opened_by"}


def test_every_stream_and_key():
    """Of both programs, by their default names; what begins a name has a part in <> behind."""
    tables = source("router/settings/settings_table.c") + source("executor/settings/executor_settings_table.c") + source("common/redis/settings.c")
    endings = set(re.findall(r'"((?:stream|state|safety|router|dedup|governor|exec|rate|price|paper|venue|group):[\w.:]*|price:)"', tables))
    told = section("Streams and groups") + section("Keys")
    assert len(endings) > 20 and not [ending for ending in endings if f"quantum:{ending}" not in told]


def test_what_check_prints():
    """The block is what the command before it prints."""
    told = re.search(r"\nprints\n\n```text\n(.*?)```", TEXT, re.DOTALL)[1].splitlines()
    signals = re.search(r"check signals - <<'END'[^\n]*\n(.*?)END\n", TEXT, re.DOTALL)[1]
    done = subprocess.run([BUILD / "quantumctl", "check", "signals", "-"], input=signals, capture_output=True, text=True, check=False,
                          env=clean_environment())  # fmt: skip
    assert [*done.stdout.splitlines(), f"exit status {done.returncode}"] == told
