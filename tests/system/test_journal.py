"""What the journal is told of events, and what its catalog says about them."""

import re
import shutil
import signal as signals
import subprocess

import pytest

from harness.executor import intent
from harness.journal import Journal
from harness.names import INTENTS, SAFE_MODE, SIGNALS
from harness.process import ROOT

IDS = dict(re.findall(r'\{"(\w+)", "(\w+)"\}', (ROOT / "common/log/log_ids.c").read_text()))
ERROR, WARNING, INFO = "3", "4", "6"


@pytest.fixture
def journal(rig):
    journal = Journal(rig.folder)
    yield journal
    journal.socket.close()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory):
    """Text by id, as journalctl reads it out of the catalog that it has compiled."""
    root = tmp_path_factory.mktemp("root")
    (root / "usr/lib/systemd/catalog").mkdir(parents=True)
    (root / "var/lib/systemd/catalog").mkdir(parents=True)
    shutil.copy(ROOT / "deploy/catalog/quantum.catalog", root / "usr/lib/systemd/catalog")
    made = journalctl(root, "--update-catalog")
    assert made.returncode == 0 and made.stderr == "", made.stderr
    texts = re.split(r"^-- ([0-9a-f]{32})\n", journalctl(root, "--dump-catalog").stdout, flags=re.MULTILINE)[1:]
    return dict(zip(texts[::2], texts[1::2]))


def journalctl(root, command):
    return subprocess.run(["journalctl", f"--root={root}", command], capture_output=True, text=True)


def test_journalctl_takes_the_catalog(catalog):
    assert len(IDS) > 40 and set(catalog) == set(IDS.values())
    full = catalog[IDS["CAPACITY_FULL"]]
    assert full.startswith("Subject: The cap on open orders is reached\n")
    assert "Documentation: man:quantum-router(8)" in full and "capacity.max_open: @QUANTUM_MAX@" in full


def check(entry, word, priority, catalog):
    """It has its id and its priority, and all that the catalog wants to show of it."""
    assert entry["QUANTUM_EVENT"] == word and entry["MESSAGE_ID"] == IDS[word]
    assert entry["PRIORITY"] == priority, entry
    for field in re.findall("@([A-Z_]+)@", catalog[IDS[word]]):
        assert entry.get(field), f"{word} has no {field}: {entry}"


def test_a_publication(rig, journal, catalog):
    rig.set_open(1)
    rig.start_router(**journal.env("router0"))
    check(journal.expect("AI_STRATEGY_ROUTER_STARTED"), "AI_STRATEGY_ROUTER_STARTED", INFO, catalog)
    check(journal.expect("LEADER_ACQUIRED"), "LEADER_ACQUIRED", INFO, catalog)
    rig.must_xadd("BTCUSDT")
    best = journal.expect("BEST_OF_PUBLISH")
    check(best, "BEST_OF_PUBLISH", INFO, catalog)
    assert best["SYSLOG_IDENTIFIER"] == "quantum-router" and "BEST_OF_PUBLISH count=1" in best["MESSAGE"]
    assert (best["QUANTUM_COUNT"], best["QUANTUM_OPEN"], best["QUANTUM_SLOTS"]) == ("1", "1", "9")
    published = journal.expect("TRADE_INTENT_PUBLISHED")
    check(published, "TRADE_INTENT_PUBLISHED", INFO, catalog)
    assert published["QUANTUM_SYMBOL"] == "BTCUSDT"
    assert "MESSAGE_ID" not in journal.expect("CYCLE")


def test_what_stops_the_router(rig, journal, catalog):
    rig.set_open(10)
    router = rig.start_router(**journal.env("router0"))
    check(journal.expect("CAPACITY_FULL"), "CAPACITY_FULL", WARNING, catalog)
    rig.set_open(3)
    check(journal.expect("TARGET_REACHED"), "TARGET_REACHED", INFO, catalog)
    rig.set_open("x")
    check(journal.expect("CAPACITY_UNPARSEABLE"), "CAPACITY_UNPARSEABLE", ERROR, catalog)
    rig.set_open(None)
    check(journal.expect("CAPACITY_UNKNOWN"), "CAPACITY_UNKNOWN", ERROR, catalog)
    rig.db.set(SAFE_MODE, "1")
    check(journal.expect("SAFE_MODE"), "SAFE_MODE", WARNING, catalog)
    rig.db.delete(SAFE_MODE)
    check(journal.expect("SAFE_MODE_CLEARED"), "SAFE_MODE_CLEARED", INFO, catalog)
    rig.db.delete(SIGNALS)
    check(journal.expect("GROUP_RECREATED"), "GROUP_RECREATED", WARNING, catalog)
    (rig.folder / "router0.conf").write_text("nonsense")
    router.process.send_signal(signals.SIGHUP)
    check(journal.expect("CONFIG_REJECTED"), "CONFIG_REJECTED", ERROR, catalog)
    rig.redis.kill()
    check(journal.expect("REDIS_LOST"), "REDIS_LOST", ERROR, catalog)
    rig.redis.start()
    check(journal.expect("REDIS_BACK"), "REDIS_BACK", INFO, catalog)
    router.close()
    check(journal.expect("STOPPED"), "STOPPED", INFO, catalog)


def test_a_dead_letter(rig, journal, catalog):
    rig.start_executor(**journal.env("executor0"))
    rig.expect_group()
    rig.db.xadd(INTENTS, intent(symbol="!"))
    dead_letter = journal.expect("DEAD_LETTER")
    check(dead_letter, "DEAD_LETTER", WARNING, catalog)
    assert dead_letter["SYSLOG_IDENTIFIER"] == "quantum-executor" and dead_letter["QUANTUM_REASON"] == "symbol"
    check(journal.expect("EXECUTOR_STARTED"), "EXECUTOR_STARTED", INFO, catalog)
    check(journal.expect("SAFE_DRAIN"), "SAFE_DRAIN", INFO, catalog)
