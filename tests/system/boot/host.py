"""What makes a guest a host of ours: the packages, a Redis that keeps its books, and what operators type."""

import json
import os
import re
from pathlib import Path

from harness.ledger import Ledger, Rules
from harness.names import GROUP, INTENTS, OPEN_ORDERS, SIGNALS

# Where tests/system/boot/run had the packages built.
DEBS = Path(os.environ.get("QUANTUM_BOOT_DEBS", ""))
PACKAGES = ("quantumctl", "quantum-router", "quantum-executor")

ROUTER = "quantum-ai-strategy-router"
EXECUTOR = "quantum-execution"
CONF = "/etc/quantum/router.conf"
BOOKS = "var/lib/redis"
KEEP_BOOKS = "appendonly yes\naof-timestamp-enabled yes\nauto-aof-rewrite-percentage 0\nsave \"\"\n"
WINDOW_SEC = 0.3


def install(guest):
    """To the letter, and without a network: all that the packages depend on and recommend is there."""
    for name in PACKAGES:
        (deb,) = DEBS.glob(f"{name}_*.deb")
        guest.push(deb, "/var/tmp/debs")
    guest.run("DEBIAN_FRONTEND=noninteractive apt-get install -y /var/tmp/debs/*.deb")


def keep_books(guest):
    """A Redis with an append-only file from its first command on, as the ledger needs it."""
    guest.write("/etc/redis/books.conf", KEEP_BOOKS)
    guest.run("echo include /etc/redis/books.conf >> /etc/redis/redis.conf && systemctl restart redis-server")
    guest.wait("a Redis that answers", "redis-cli PING")


def start_router(guest, open_orders=0):
    """Enabled and started, with a short window, so that tests are quick."""
    guest.write("/etc/quantum/router.env", f"CANDIDATE_WINDOW_SEC={WINDOW_SEC}\n")
    guest.run(f"redis-cli SET {OPEN_ORDERS} {open_orders} && systemctl enable --now {ROUTER}")


# --- what an operator types

def answer(guest, path, port=8058):
    """The status of an HTTP request, and its text."""
    text = guest.out(
        f"exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET {path} HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3", check=False)
    found = re.match(r"HTTP/\S+ (\d+)", text)
    return (int(found[1]), text) if found else (None, text)


def is_ready(guest, port=8058):
    return answer(guest, "/readyz", port)[0] == 200


def length(guest, stream=INTENTS):
    return int(guest.out(f"redis-cli XLEN {stream}"))


def send(guest, symbol="BTCUSDT", confidence="0.95", more=""):
    guest.run(f"quantumctl send {symbol} BUY {confidence} {more}")


def publish_one(guest, symbol="BTCUSDT"):
    """Sends a signal and waits for its intent."""
    before = length(guest)
    send(guest, symbol)
    guest.wait("its intent", lambda: length(guest) > before)


# --- the books

def is_settled(guest):
    """Whether the router has done with all signals."""
    words = guest.out(f"redis-cli XINFO GROUPS {SIGNALS}").split()
    group = dict(zip(words[::2], words[1::2]))
    return group["name"] == GROUP and group["pending"] == "0" and group["lag"] == "0"


def check_books(guest):
    """Nothing lost, nothing doubled: what Redis wrote down of every command. Returns how many signals and intents."""
    guest.wait("all signals settled", lambda: is_settled(guest))
    ledger = Ledger(guest.root / BOOKS, Rules()).check()
    signals, intents = length(guest, SIGNALS), length(guest)
    assert len(ledger.settled) == signals and ledger.pending() == 0
    assert len(ledger.published) == intents == ledger.counted()
    payloads = guest.out(f"redis-cli --raw XRANGE {INTENTS} - + | grep -A1 '^payload$' | grep '^{{'").splitlines()
    decisions = [json.loads(payload)["decision_id"] for payload in payloads]
    assert len(set(decisions)) == len(decisions) == intents
    return signals, intents
