"""The README's commands, typed literally, and what it says about the programs."""

import json
import os
import re
import shutil
import subprocess

import jsonschema
import pytest

from harness.names import INTENTS
from harness.process import BUILD, ROOT, clean_environment
from harness.signals import signal

README = ROOT / "README.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)

# What a test run must not start from within itself, and what has a test file of its own.
ELSEWHERE = {"./tests/run\n", "./deploy/quickstart\n"}


def blocks():
    return [block for block in BLOCK.findall(README.read_text()) if block not in ELSEWHERE]


@pytest.fixture
def clone(tmp_path):
    """The repository as a newcomer has it, with the programs built."""
    folder = tmp_path / "quantum-router"
    (folder / "build").mkdir(parents=True)
    (folder / "build/release").symlink_to(BUILD)
    shutil.copy(README, folder)
    return folder


def test_every_block_runs(clone):
    """In one shell, as one would type them from top to bottom."""
    script = "set -e\n" + "".join(blocks())
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env=clean_environment({"HOME": str(clone), "TERM": "dumb"}),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for word in ("CAPACITY_FULL open=10", "TARGET_REACHED open=3", "CAPACITY_OK open=1", "BEST_OF_PUBLISH count=1",
                 "SAFE_MODE:", "CAPACITY_UNKNOWN"):
        assert word in done.stdout, f"{word} is missing in:\n{done.stdout}{done.stderr}"


def test_two_commands_are_there():
    text = README.read_text()
    for command in ELSEWHERE:
        assert f"```sh\n{command}```" in text
        assert os.access(ROOT / command.strip(), os.X_OK)


def test_every_log_word_is_explained():
    words = set()
    for source in [*ROOT.glob("router/**/*.c"), *ROOT.glob("executor/**/*.c"), ROOT / "common/service/service_report.c", ROOT / "common/service/daemon.c"]:
        words |= set(re.findall(r'"([A-Z]+(?:_[A-Z]+)+):?"', source.read_text()))
    words -= {name for name in words if name in clean_environment() or name.endswith(("_SEC", "_LISTEN"))}
    explained = set(re.findall(r"[A-Z]+(?:_[A-Z]+)*", README.read_text()))
    variables = set(re.findall(r"\.env = \"([A-Z_ ]+)\"", "".join(f.read_text() for f in ROOT.glob("[er]*/**/*.c"))))
    missing = words - explained - {name for names in variables for name in names.split()}
    assert not missing, f"README does not explain {sorted(missing)}"


def test_every_metric_is_explained():
    """Each program's in its own table."""
    router, executor = README.read_text().split("\n## Metrics and health\n")[1].split("\nThe executor listens on ")
    for source, table in (("router/tell/metrics.c", router), ("executor/tell/executor_metrics.c", executor)):
        names = re.findall(r'\.name = "(\w+)"', (ROOT / source).read_text())
        assert len(names) > 20
        missing = [name for name in names if f"| `{name}" not in table]
        assert not missing, f"README does not explain {missing} of {source}"


def test_every_fate_is_explained():
    """What became of a signal, and of an intent."""
    for source, least in (("router/decide/fate.c", 13), ("executor/decide/outcome.c", 19)):
        names = re.findall(r"^    \[\w+\] = \{\"(\w+)\"", (ROOT / source).read_text(), re.MULTILINE)
        assert len(names) >= least
        missing = [name for name in names if f"`{name}`" not in README.read_text()]
        assert not missing, f"README does not explain {missing} of {source}"


@pytest.mark.parametrize("text", ["README.md", "CONTRIBUTING.md"])
def test_what_is_named_exists(text):
    """Files and folders of this repository, in backticks."""
    words = (ROOT / text).read_text()
    named = set(re.findall(r"`((?:router|executor|ctl|common|config|tests|deploy)/[\w./*-]+)`", words))
    missing = [path for path in named if not list(ROOT.glob(path.rstrip("/")))]
    assert named and not missing, f"{text} names {missing}"


def test_intents_are_valid_against_the_schema(rig):
    schema = json.loads((ROOT / "config/trade-intent.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    rig.start_open_router(0, "--capacity.max_new_per_cycle=10", "--capacity.target_open=10")
    rig.must_write(
        signal("BTCUSDT", confidence=0.95, entry_price=43000.5, quantity=0.1, model="m", regime="bull", leverage=5),
        signal("ETHUSDT", "SELL", 0.80, position_size_usd=33.335, reason="résumé"),
        signal("SOLUSDT", "LONG", 1, stop_loss_pct="0.5"),
    )
    rig.expect_drained()
    intents = [json.loads(fields["payload"]) for _, fields in rig.db.xrange(INTENTS)]
    assert len(intents) == 3
    for intent in intents:
        jsonschema.validate(intent, schema, jsonschema.Draft202012Validator)
    broken = intents[0] | {"rank": 0}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema, jsonschema.Draft202012Validator)


def test_what_may_hold_a_password_is_made_for_its_owner_alone():
    """Every documented step, every script and comment: a file of variables or a password is never everybody's, not even for a moment."""
    makes = re.compile(r">>? ?\"?(/etc/quantum|@confdir@)/\S*(\.env|password)")
    found = 0
    for path in [README, *(ROOT / "deploy").rglob("*"), *(ROOT / "config").rglob("*")]:
        if not path.is_file() or path.suffix in (".svg", ".json"):
            continue
        for line in path.read_text().splitlines():
            if makes.search(line):
                found += 1
                assert "(umask 077; " in line, f"{path}: {line}"
    assert found >= 5
