"""From 0.1.0 to this version and back, with configuration and state, and both beside each other for a while: nothing is lost, nothing comes
twice."""

import json
import os
import re
from pathlib import Path

import pytest

from harness.ledger import Ledger, Rules
from harness.names import DEDUP, EXECUTORS, GROUP, HELD, INTENTS, OPEN_ORDERS, POSITIONS, PROCESSED, RESULTS, SIGNALS
from host import BOOKS, CONF, DEBS, EXECUTOR, PACKAGES, ROUTER, answer, is_ready, is_settled, keep_books, length

FIRST, THIS = "/var/tmp/first", "/var/tmp/this"
OLD_ROUTER = "/opt/first/usr/bin/quantum-router"
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y --allow-downgrades -o Dpkg::Options::=--force-confold"
# Paper, with more executions than by default, and no position that closes by itself meanwhile.
ROOM = 1000
EXECUTOR_ENV = f"TRADE_INTENT_SAFE_DRAIN=false\nMAX_OPEN_ORDERS={ROOM}\n"
EXECUTOR_CONF = 'guards : { global_rate_max = 1000; symbol_rate_sec = 5; };\npaper : { latency_ms = 5; };\n'
ROUTER_EDIT = r"s|^    # max_daily_trades = 0;|    max_daily_trades = 100000;|; s|^    # emoji = true;|    emoji = false;|"
SHORT_WINDOW, LONG_WINDOW = 0.3, 100
OLD_PORT = 8059


def install_from(guest, folder):
    guest.run(f"{INSTALL} {folder}/*.deb", timeout=120)


def set_window(guest, seconds):
    guest.write("/etc/quantum/router.env", f"CANDIDATE_WINDOW_SEC={seconds}\nSIGNAL_MAX_AGE_SEC=200\nMAX_OPEN_ORDERS={ROOM}\nTARGET_OPEN_ORDERS={ROOM}\n")


def write_signals(guest, symbols, confidence="0.95"):
    """In one step; each with an id of its own."""
    for symbol in symbols:
        guest.run(f"redis-cli XADD {SIGNALS} '*' symbol {symbol} side BUY confidence {confidence} entry_price 100 correlation_id first-{symbol}")


def number(guest, command):
    return int(guest.out(f"redis-cli {command}") or 0)


def open_orders(guest):
    return number(guest, f"GET {OPEN_ORDERS}")


def is_done(guest):
    """Nothing is unread or pending, of signals and of intents."""
    words = guest.out(f"redis-cli XINFO GROUPS {INTENTS}").split()
    group = dict(zip(words[::2], words[1::2]))
    return is_settled(guest) and group["name"] == EXECUTORS and group["pending"] == "0" and group["lag"] == "0"


def results(guest):
    """As (decision, status), without those of positions that closed by themselves."""
    program = "for _, e in ipairs(redis.call('XRANGE', KEYS[1], '-', '+')) do local f = {} for i = 1, #e[2], 2 do f[e[2][i]] = e[2][i + 1] end " \
              "out[#out + 1] = f.intent_id .. ' ' .. f.decision_id .. ' ' .. f.status end return out"
    lines = guest.out(f'redis-cli --raw EVAL "local out = {{}} {program}" 1 {RESULTS}').splitlines()
    return [line.split(" ") for line in lines if not line.startswith(" ")]


def check_all(guest):
    """By Redis' own file, whichever version wrote it: each signal settled once, each decision published once and executed once."""
    guest.wait("all is done", lambda: is_done(guest))
    ledger = Ledger(guest.root / BOOKS, Rules(max_open=ROOM, target_open=ROOM, records=None)).check()
    assert len(ledger.settled) == length(guest, SIGNALS) and ledger.pending() == 0
    assert len(ledger.published) == length(guest) == ledger.counted()
    ended = results(guest)
    assert len({intent for intent, _, _ in ended}) == len(ended) == length(guest), "an intent without a result, or with two"
    filled = [decision for _, decision, status in ended if status == "filled"]
    assert len(set(filled)) == len(filled)
    assert open_orders(guest) == number(guest, f"HLEN {POSITIONS}")
    return ledger


def feed(guest, name, seconds, seed):
    guest.run(f"systemd-run -q --unit={name} quantumctl feed --rate=60 --seconds={seconds} --seed={seed}")


def await_feed(guest, name):
    guest.wait("the end of the feed", f"! systemctl is-active -q {name}")
    assert guest.show(name, "Result") == "success"


def version_of(guest, program="/usr/bin/quantum-router"):
    return re.search(r"\d+\.\d+\.\d+", guest.out(f"{program} --version"))[0]


def await_services(guest):
    for unit, port in ((ROUTER, 8058), (EXECUTOR, 8057)):
        assert guest.show(unit, "ActiveState") == "active"
        guest.wait(f"{unit} is ready", lambda: is_ready(guest, port))


def replay(guest):
    done = guest.run("quantumctl replay --json", check=False)
    return done.returncode, json.loads(done.stdout)


@pytest.fixture(scope="module")
def host(bare_guest):
    """0.1.0 has traded here, as an operator has set it up, and goes on."""
    guest = bare_guest
    for folder, debs in ((FIRST, Path(os.environ["QUANTUM_BOOT_FIRST"])), (THIS, DEBS)):
        for name in PACKAGES:
            (deb,) = debs.glob(f"{name}_*.deb")
            guest.push(deb, folder)
    guest.run(f"dpkg-deb -x {FIRST}/quantum-router_*.deb /opt/first")
    install_from(guest, FIRST)
    keep_books(guest)
    guest.run(f"sed -i '{ROUTER_EDIT}' {CONF}")
    guest.write("/etc/quantum/executor.conf", EXECUTOR_CONF)
    guest.write("/etc/quantum/executor.env", EXECUTOR_ENV)
    set_window(guest, SHORT_WINDOW)
    guest.run(f"redis-cli SET {OPEN_ORDERS} 0 && systemctl enable --now {ROUTER} {EXECUTOR}")
    feed(guest, "feed-first", 2, 1)
    await_feed(guest, "feed-first")
    guest.wait("the target of positions", lambda: open_orders(guest) >= 3)
    return guest


def uncommented(guest, name):
    """The shipped file of what is installed, with each option set to its default."""
    path = f"/var/tmp/{name}-all.conf"
    guest.run(f"sed 's/^    # \\([a-z_]* = .*;\\)$/    \\1/' /usr/share/quantum/config/{name}.conf >{path}")
    assert guest.out(f"grep -c '^    [a-z_]* = ' {path}") not in ("", "0")
    return path


def test_an_upgrade_under_way(host):
    """Configuration, positions, marks and counts are what they were; all of it while signals come."""
    every_option = {name: uncommented(host, name) for name in ("router", "executor")}
    mine = host.read(CONF), host.read("/etc/quantum/executor.conf")
    positions, pids = host.out(f"redis-cli HKEYS {POSITIONS}").split(), [host.main_pid(unit) for unit in (ROUTER, EXECUTOR)]
    marks = set(host.out(f"redis-cli --scan --pattern '{DEDUP}*'; redis-cli --scan --pattern '{PROCESSED}*'").split())
    assert version_of(host) == "0.1.0" and len(positions) >= 3 and marks

    feed(host, "feed-up", 12, 2)
    install_from(host, THIS)
    assert version_of(host) != "0.1.0"
    assert not {host.main_pid(unit) for unit in (ROUTER, EXECUTOR)} & {0, *pids}
    await_services(host)
    assert (host.read(CONF), host.read("/etc/quantum/executor.conf")) == mine
    assert host.out("ls /etc/quantum/*.dpkg-dist").split() == ["/etc/quantum/executor.conf.dpkg-dist", CONF + ".dpkg-dist"]
    await_feed(host, "feed-up")

    assert check_all(host).commits > 0
    assert set(positions) <= set(host.out(f"redis-cli HKEYS {POSITIONS}").split())
    assert marks <= set(host.out(f"redis-cli --scan --pattern '{DEDUP}*'; redis-cli --scan --pattern '{PROCESSED}*'").split())
    held = host.out(f"redis-cli HVALS {HELD}").splitlines()
    assert len(held) == open_orders(host), "what is held is known from the positions of 0.1.0"
    for name, path in every_option.items():
        assert host.run(f"quantum-{name} --config {path} --check-config", check=False).returncode == 0, f"an option of 0.1.0 in {path}"
    status, records = replay(host)
    assert status == 0 and records["identical"] > 0 and records["gaps"] == 0


def role(guest, port):
    return (re.search(r"role=(\w+)", answer(guest, "/readyz", port)[1]) or [None, None])[1]


def await_leader(guest, leader, standby=None):
    """By the ports of their pages: one leads, and the other, if there is one, stands by."""
    guest.wait(f"{leader} leads", lambda: role(guest, leader) == "leader")
    if standby:
        guest.wait(f"{standby} stands by", lambda: role(guest, standby) == "standby")


def publish(guest, symbol):
    """A super-signal, and its intent."""
    write_signals(guest, [symbol])
    guest.wait("its intent", f"redis-cli --raw XREVRANGE {INTENTS} + - | grep -q first-{symbol}")


def test_both_beside_each_other(host):
    """One leads at a time. What the older one decides has no record, which replay tells as gaps, and nothing differs."""
    before = replay(host)[1]
    host.run(f"systemd-run -q --unit=older -p User=quantum {OLD_ROUTER} --config {CONF} --window.seconds={SHORT_WINDOW} "
             f"--capacity.max_open={ROOM} --capacity.target_open={ROOM} --lease.instance=older --keys.consumer=older --metrics.listen=127.0.0.1:{OLD_PORT}")
    await_leader(host, 8058, OLD_PORT)
    feed(host, "feed-both", 6, 3)
    host.run(f"systemctl stop {ROUTER}")
    await_leader(host, OLD_PORT)
    publish(host, "AAAUSDT")
    host.run(f"systemctl start {ROUTER}")
    await_leader(host, OLD_PORT, 8058)
    host.run("systemctl kill -s KILL older; systemctl reset-failed older", check=False)
    await_leader(host, 8058)
    publish(host, "BBBUSDT")
    await_feed(host, "feed-both")
    check_all(host)
    status, after = replay(host)
    assert status == 0 and after["identical"] > before["identical"] and after["gaps"] > before["gaps"]
    assert "gaps" in host.out("quantumctl replay")


def leave_pending(guest, symbols):
    """Signals that a router has read and not decided on; it is stopped."""
    set_window(guest, LONG_WINDOW)
    guest.run(f"systemctl restart {ROUTER}")
    await_services(guest)
    write_signals(guest, symbols)
    guest.wait("that they are read", lambda: pending(guest) == len(symbols))
    guest.run(f"systemctl stop {ROUTER}")
    set_window(guest, SHORT_WINDOW)
    assert pending(guest) == len(symbols)


def pending(guest):
    return number(guest, f"--raw XPENDING {SIGNALS} {GROUP} | head -n 1")


@pytest.mark.parametrize(("folder", "symbols"), [(FIRST, ["CCCUSDT", "DDDUSDT"]), (THIS, ["EEEUSDT", "FFFUSDT"])], ids=["back", "and-up-again"])
def test_what_is_pending_is_decided_by_the_other_version(host, folder, symbols):
    leave_pending(host, symbols)
    positions, published = set(host.out(f"redis-cli HKEYS {POSITIONS}").split()), length(host)
    install_from(host, folder)
    assert (version_of(host) == "0.1.0") == (folder == FIRST)
    host.run(f"systemctl start {ROUTER}")
    await_services(host)
    host.wait("their intents", lambda: length(host) == published + len(symbols))
    check_all(host)
    assert len(set(host.out(f"redis-cli HKEYS {POSITIONS}").split()) - positions) == len(symbols)
    assert positions <= set(host.out(f"redis-cli HKEYS {POSITIONS}").split())


def test_records_go_on_behind_the_gap(host):
    publish(host, "GGGUSDT")
    status, records = replay(host)
    assert status == 0 and records["gaps"] > 0
    assert len(host.out(f"redis-cli HVALS {HELD}").splitlines()) == open_orders(host), "and what is held is known again"


def test_what_the_other_version_published_is_a_duplicate(host):
    """By both programs. The last test with these books: an intent that is written by hand is no decision."""
    cursor = host.cursor()
    host.run(f"redis-cli XADD {SIGNALS} '*' symbol HHHUSDT side BUY confidence 0.99 correlation_id first-DDDUSDT")
    host.expect(r"DUPLICATE_SKIP HHHUSDT", ROUTER, cursor)
    again = json.dumps({"symbol": "HHHUSDT", "action": "BUY", "decision_id": "first-DDDUSDT", "position_size_usd": 100})
    host.run(f"redis-cli XADD {INTENTS} '*' payload '{again}'")
    host.wait("its end", lambda: ["first-DDDUSDT", "skipped"] in [end[1:] for end in results(host)])


def test_what_the_other_version_does_not_accept_is_named(host):
    """Here the one range that has become narrower, there an option that is new."""
    host.write("/var/tmp/wide.conf", "window : { max_candidates = 100000; };\n")
    assert host.run(f"{OLD_ROUTER} --config /var/tmp/wide.conf --check-config", check=False).returncode == 0
    refused = host.run("quantum-router --config /var/tmp/wide.conf --check-config", check=False)
    assert refused.returncode == 2 and "16000" in refused.stderr
    assert "/var/tmp/wide.conf:1" in refused.stderr and "window.max_candidates" in refused.stderr
    host.write("/var/tmp/newer.conf", "record : { max_mib = 8; };\n")
    refused = host.run(f"{OLD_ROUTER} --config /var/tmp/newer.conf --check-config", check=False)
    assert refused.returncode == 2 and "/var/tmp/newer.conf:1" in refused.stderr and "record" in refused.stderr
