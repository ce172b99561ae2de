"""What the documents have to type, typed literally, and what they say about the programs."""

import contextlib
import itertools
import json
import os
import re
import shlex
import shutil
import signal as signals
import subprocess
import tempfile
from pathlib import Path

import jsonschema
import pytest

import readmes
from harness.names import INTENTS
from harness.process import BUILD, ROOT, clean_environment, kill_hard, spawn
from harness.router import FATES
from harness.signals import signal

README = ROOT / "README.md"
PATHS = readmes.find(ROOT)
TEXTS = {path: (ROOT / path).read_text() for path in PATHS}

# What a test run must not start from within itself, and what has a test file of its own.
ELSEWHERE = {"./tests/run\n", "./deploy/quickstart\n"}

# What must be read on the way through a document.
SAID = {
    "common/trade/README.md": ("decision-1 BTCUSDT BUY", "ETHUSDT SELL", "SOLUSDT BUY", "filled", "the router would take it",
                               "confidence 0.68 is below 0.75", "profit_usd 0.0000", "fee_usd 0."),
    "router/README.md": ("CAPACITY_FULL open=10", "TARGET_REACHED open=3", "CAPACITY_OK open=1", "BEST_OF_PUBLISH count=1", "SAFE_MODE:",
                         "CAPACITY_UNKNOWN"),
}  # fmt: skip


def typed(path, kind):
    return [block.text for block in readmes.blocks(TEXTS[path], kind) if block.text not in ELSEWHERE]


@pytest.fixture
def clone():
    """The repository as a newcomer has it, with the programs built; by a short path, as those of sockets have to be."""
    home = Path(tempfile.mkdtemp(prefix="qr-", dir="/tmp"))
    folder = home / "quantum-router"
    (folder / "build").mkdir(parents=True)
    (folder / "build/release").symlink_to(BUILD)
    for path in ROOT.iterdir():
        if path.name not in ("build", ".git"):
            (folder / path.name).symlink_to(path)
    yield folder
    for file in home.glob("tmp.*/*.pid"):  # what was started and not stopped
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(file.read_text()), signals.SIGKILL)
    shutil.rmtree(home)


@pytest.mark.parametrize("path", [path for path in PATHS if typed(path, "sh")])
def test_every_block_for_a_clone_runs(clone, path):
    """Those of a document in one shell, as one would type them from top to bottom."""
    home = clone.parent
    said, complained = home / "said", home / "complained"
    with said.open("w") as stdout, complained.open("w") as stderr:
        shell = spawn(["bash", "-c", "set -e\n" + "".join(typed(path, "sh"))], stdout, stderr,
                      clean_environment({"HOME": str(home), "TMPDIR": str(home), "TERM": "dumb"}), cwd=clone)
        try:
            status = shell.wait(120)
        finally:
            kill_hard(shell)
    text = said.read_text()
    assert status == 0, text + complained.read_text()
    for word in SAID.get(path, ()):
        assert word in text, f"{word} is missing in:\n{text}{complained.read_text()}"


def commands(text):
    """The words of each, without comments and without what is set before it."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars=True)
        words.whitespace_split = True
        for is_end, command in itertools.groupby(words, lambda word: word in ("(", ")", ";", "|", "&&")):
            words = list(itertools.dropwhile(lambda word: re.match(r"\w+=", word), command))
            if words and not is_end:
                yield words


def test_what_runs_for_long_can_be_typed():
    """Scripts of ours are there, and know the options."""
    found = 0
    long = ((path, words) for path in PATHS for block in readmes.blocks(TEXTS[path], "shell") for words in commands(block.text))
    for path, (program, *words) in long:
        if not program.startswith(("tests/", "./tests/")):
            continue
        found += 1
        script = ROOT / program
        assert os.access(script, os.X_OK), f"{path}: there is no {program}"
        beside = "".join(file.read_text() for file in script.parent.iterdir() if file.is_file() and file.suffix in ("", ".py"))
        missing = [word for word in words if word.startswith("--") and word.split("=")[0] not in beside]
        assert not missing, f"{path}: {program} knows no {missing}"
    assert found > 10


def test_one_unit_test_is_one_command():
    name = re.search(r"^meson test -C build/sanitized (\w+)$", TEXTS["tests/README.md"], re.MULTILINE)[1]
    assert f"`build/sanitized/{name}`" in TEXTS["tests/README.md"]
    done = subprocess.run([BUILD / name], env=clean_environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_one_system_test_is_one_command():
    command = r"^QUANTUM_BUILD=\$PWD/build/sanitized /usr/bin/python3 -m pytest (\S+)$"
    path = re.search(command, TEXTS["tests/README.md"], re.MULTILINE)[1]
    assert (ROOT / path).is_file()


def test_two_commands_are_there():
    text = README.read_text()
    for command in ELSEWHERE:
        assert f"```sh\n{command}```" in text
        assert os.access(ROOT / command.strip(), os.X_OK)


def test_the_card_fits_a_screen():
    [card] = [block for block in readmes.blocks(TEXTS["deploy/README.md"]) if block.heading == "The card"]
    lines = card.text.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80


def test_the_readme_is_short():
    assert len(TEXTS["README.md"].splitlines()) <= 200


@pytest.mark.parametrize("path", PATHS)
def test_what_is_named_exists(path):
    """Files and folders of this repository, in backticks."""
    named = set(re.findall(r"`((?:router|executor|ctl|common|config|tests|deploy)/[\w./*-]+)`", TEXTS[path]))
    missing = [name for name in named if not list(ROOT.glob(name.rstrip("/")))]
    assert not missing, f"{path} names {missing}"


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
    for path in [*(ROOT / path for path in PATHS), *(ROOT / "deploy").rglob("*"), *(ROOT / "config").rglob("*")]:
        if not path.is_file() or path.suffix in (".svg", ".json", ".webp"):
            continue
        for line in path.read_text().splitlines():
            if makes.search(line):
                found += 1
                assert "(umask 077; " in line, f"{path}: {line}"
    assert found >= 5
