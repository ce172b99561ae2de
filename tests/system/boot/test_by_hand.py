"""The capacity tests of the runbook, typed to the letter, under the configuration as it was installed."""

import json
import re

import pytest

from harness.names import INTENTS, OPEN_ORDERS
from host import ROUTER, answer, length, send

STEPS = (
    (f"redis-cli SET {OPEN_ORDERS} 10", "CAPACITY_FULL", "open=10 max=10"),
    (f"redis-cli SET {OPEN_ORDERS} 3", "TARGET_REACHED", "open=3 target=3"),
    (f"redis-cli SET {OPEN_ORDERS} 1", "CAPACITY_OK", "open=1 target=3 allowed=2"),
)
WINDOW_SEC = 3
SLACK_SEC = 2


def tell(guest, word, since, seconds=WINDOW_SEC + SLACK_SEC):
    return guest.wait(word, f"journalctl -u {ROUTER} --after-cursor='{since}' | grep {word}", seconds).stdout


def test_start(guest):
    guest.run(f"redis-cli SET {OPEN_ORDERS} 0")
    guest.run(f"systemctl enable --now {ROUTER}")
    assert guest.out(f"systemctl is-active {ROUTER}") == "active"
    assert answer(guest, "/readyz")[0] == answer(guest, "/healthz")[0] == 200
    assert "Quality: min_conf=75.00% super_conf=90.00% window=3s" in guest.journal(ROUTER)
    assert guest.show(ROUTER, "StatusText")


@pytest.mark.parametrize("command, word, figures", STEPS)
def test_steps(guest, command, word, figures):
    cursor = guest.cursor()
    guest.run(command)
    assert figures in tell(guest, word, cursor)


def test_best_of_publish(guest):
    cursor = guest.cursor()
    for symbol, confidence in (("BTCUSDT", "0.95"), ("ETHUSDT", "0.80"), ("LTCUSDT", "0.78"), ("XRPUSDT", "0.60")):
        send(guest, symbol, confidence)
    guest.wait("two intents", lambda: length(guest) == 2, WINDOW_SEC * 2 + SLACK_SEC)
    line = tell(guest, "BEST_OF_PUBLISH", cursor)
    assert re.search(r"count=\d allowed=2 open=1 slots=9 top=\[BTCUSDT BUY 0.950", line)
    assert "SIZE_BOOST rank=1 factor=1.30" in guest.journal(ROUTER, cursor)
    assert '"symbol":"BTCUSDT"' in guest.out(f"redis-cli --raw XRANGE {INTENTS} - +")


def test_fields_of_the_journal(guest):
    lines = guest.out(f"journalctl -u {ROUTER} QUANTUM_EVENT=BEST_OF_PUBLISH -o json").splitlines()
    records = [json.loads(line) for line in lines]
    assert records and all(record["QUANTUM_EVENT"] == "BEST_OF_PUBLISH" for record in records)
    assert records[0]["QUANTUM_OPEN"] == "1" and records[0]["QUANTUM_SLOTS"] == "9"
    assert records[0]["_SYSTEMD_UNIT"] == f"{ROUTER}.service" and "BEST_OF_PUBLISH" in records[0]["MESSAGE"]
    assert not guest.out(f"journalctl -q -u {ROUTER} QUANTUM_EVENT=BEST_OF_NOTHING -o json", check=False)


def test_words_are_explained(guest):
    """The installation put the catalog into systemd's database."""
    said = guest.out(f"journalctl -x -u {ROUTER} QUANTUM_EVENT=CAPACITY_FULL")
    assert "Subject: " in said and "What to do: " in said


def test_capacity_unknown(guest):
    cursor = guest.cursor()
    guest.run(f"redis-cli DEL {OPEN_ORDERS}")
    assert f"{OPEN_ORDERS} missing" in tell(guest, "CAPACITY_UNKNOWN", cursor)
    published = length(guest)
    send(guest, "DOTUSDT", "0.99")
    guest.expect(r"CYCLE read=1 .*no_slots=1", ROUTER, cursor)
    assert length(guest) == published


def test_stop(guest):
    guest.run(f"systemctl stop {ROUTER}")
    assert guest.show(ROUTER, "ActiveState") == "inactive" and guest.show(ROUTER, "Result") == "success"
