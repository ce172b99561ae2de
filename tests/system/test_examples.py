"""The clients of deploy/examples, killed in the middle and started again: nothing is lost, nothing done twice."""

import contextlib
import json
import os
import random
import sqlite3
import sys
import time

import pytest

from harness.executor import intent
from harness.names import INTENTS, SIGNALS
from harness.process import ROOT, clean_environment, kill_hard, spawn
from harness.rig import ROOMY
from harness.waiting import PATIENCE_SEC, wait_until

ORDERS, ANSWERS = "quantum:stream:venue.order", "quantum:stream:venue.answer"
EXAMPLES = ROOT / "deploy/examples"
GROUPS = {"read": (INTENTS, "quantum:group:example"), "adapter": (ORDERS, "adapter")}
FILES = {
    "python": {"write": "write_signals.py", "read": "read_intents.py", "adapter": "adapter.py"},
    "node": {"write": "write-signals.js", "read": "read-intents.js", "adapter": "adapter.js"},
}
STREAM_VENUE = ["--venue.kind=stream", "--venue.armed=quantum:", "--guards.global_rate_max=100000", "--venue.concurrency=8"]


class Client:
    """One example: what it was given, what it did, and its process."""

    def __init__(self, rig, language, role, url=None):
        self.rig, self.role, self.url = rig, role, url or rig.redis.url
        self.book = rig.folder / f"{role}.book"
        self.log = rig.folder / f"{role}.log"
        runtime = [sys.executable] if language == "python" else ["node"]
        self.command = [*runtime, EXAMPLES / FILES[language][role], self.book]
        self.language = language
        self.process = None
        self.starts = 0

    def start(self):
        env = clean_environment({"REDIS_URL": self.url, "NODE_PATH": "/usr/share/nodejs"})
        with open(self.log, "ab") as log:
            self.process = spawn(self.command, stdout=log, stderr=log, env=env)
        self.starts += 1

    def kill(self):
        if self.process:
            assert self.process.poll() is None, self.told()
            kill_hard(self.process)

    def restart(self):
        self.kill()
        self.start()

    def told(self):
        return f"\n--- {self.log.name}\n" + self.log.read_text()

    def done(self):
        """The ids that it acted on, in order, as often as it did."""
        if not self.book.exists():
            return []
        if self.language == "node":
            rows = [json.loads(line) for line in self.book.read_text().split("\n")[:-1]]
            return [row.get("decision_id") or row["id"] for row in rows]
        with sqlite3.connect(self.book, timeout=PATIENCE_SEC) as book:
            tables = book.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            return [row[0] for (table,) in tables for row in book.execute(f"SELECT * FROM {table} ORDER BY rowid")]

    def expect(self, what, condition):
        return wait_until(what, condition, context=self.told)


@contextlib.contextmanager
def starter(rig, language, user_of=None):
    """What starts a client by its role, under a user of its own if that is asked for."""
    clients = []

    def start(role):
        url = rig.redis.url_for(user_of[role]) if user_of else None
        clients.append(Client(rig, language, role, url))
        if role == "write":
            clients[-1].book.touch()
        clients[-1].start()
        return clients[-1]

    try:
        yield start
    finally:
        for client in clients:
            kill_hard(client.process)


@pytest.fixture(params=["python", "node"])
def start(request, rig):
    with starter(rig, request.param) as start:
        yield start


def decide(writer, *ids):
    with open(writer.book, "a") as file:
        for id in ids:
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            file.write(json.dumps({"id": id, "at": at, "symbol": f"S{id[1:]}USDT", "side": "BUY", "confidence": 0.95, "entry_price": 50}) + "\n")
            file.flush()


def written(rig, stream):
    """Entries, those that were trimmed among them."""
    return rig.db.xinfo_stream(stream)["entries-added"]


def expect_none_pending(rig, role):
    stream, group = GROUPS[role]
    wait_until("nothing pending", lambda: rig.db.xinfo_groups(stream)[0]["pending"] == 0)
    assert [row["name"] for row in rig.db.xinfo_groups(stream)] == [group]


def test_a_signal_that_is_written_twice_is_one_decision(rig, start):
    """Killed between the writing and the note of it: the same line again, and one intent."""
    rig.start_open_router(0, **ROOMY)
    writer = start("write")
    decide(writer, "d1")
    rig.expect_intent("S1USDT", decision_id="d1")
    note = rig.folder / "write.book.sent"
    writer.expect("its note", note.exists)
    writer.kill()
    note.unlink()
    writer.start()
    decide(writer, "d2")
    rig.expect_intent("S2USDT", decision_id="d2")
    assert rig.db.xlen(SIGNALS) == 3 and len(rig.intents()) == 2
    writer.expect("the note of it all", lambda: int(note.read_text()) == writer.book.stat().st_size)


def test_what_is_no_decision_is_passed_over(rig, start):
    writer = start("write")
    with open(writer.book, "a") as file:
        file.write('nonsense\n[]\n{"id": "d0"}\n')
    decide(writer, "d1")
    writer.expect("the decision", lambda: rig.db.xlen(SIGNALS) == 1)
    assert writer.log.read_text().count("passed over") == 3


@pytest.mark.parametrize("role, refused", [("read", "xack"), ("adapter", "eval")])
def test_what_was_done_and_not_acked_is_not_done_again(rig, start, role, refused):
    """Killed in between: Redis refuses the step behind the doing until it is started again."""
    rig.db.execute_command("ACL", "SETUSER", "default", f"-{refused}")
    client = start(role)
    if role == "read":
        [id] = rig.must_intend(decision_id="d1")
    else:
        rig.set_open(0)
        rig.start_executor(*STREAM_VENUE, TRADE_INTENT_SAFE_DRAIN="false").expect("STREAM mode")
        rig.expect_group()
        [id] = rig.must_intend(decision_id="d1")
    client.expect("what it did", client.done)
    client.expect("a refusal", lambda: f"{refused}" in client.log.read_text())
    client.kill()
    rig.db.execute_command("ACL", "SETUSER", "default", f"+{refused}")
    client.start()
    expect_none_pending(rig, role)
    assert client.done() == ["d1" if role == "read" else id]
    if role == "adapter":
        rig.expect_result("filled", intent_id=id, decision_id="d1", price="50000")
        assert written(rig, ANSWERS) == 1


@pytest.mark.parametrize("role", ["read", "adapter"])
def test_what_is_gone_or_unreadable_holds_nothing_up(rig, start, role):
    stream, group = GROUPS[role]
    rig.db.xgroup_create(stream, group, id="0", mkstream=True)
    gone = rig.db.xadd(stream, {"payload": "{}"})
    rig.db.xreadgroup(group, "one", {stream: ">"})
    rig.db.xdel(stream, gone)
    client = start(role)
    expect_none_pending(rig, role)
    if role == "read":
        rig.db.xadd(stream, {"payload": "nonsense"})
        rig.db.xadd(stream, {"payload": "{}"})
        rig.db.xadd(stream, {"data": "{}"})
        rig.must_intend(decision_id="d1")
        client.expect("the sound one", lambda: client.done() == ["d1"])
        expect_none_pending(rig, role)
    assert client.process.poll() is None, client.told()


def test_it_bears_a_redis_that_goes_and_forgets(rig, start):
    reader = start("read")
    rig.must_intend(decision_id="d1")
    reader.expect("the first", lambda: reader.done() == ["d1"])
    rig.redis.restart()  # empty: stream and group are gone
    reader.expect("its group", lambda: rig.db.exists(INTENTS))
    rig.must_intend(decision_id="d1")
    rig.must_intend(decision_id="d2")
    reader.expect("the second, and not the first again", lambda: "d2" in reader.done())
    assert reader.done() == ["d1", "d2"]


def test_an_order_is_not_placed_behind_its_time(rig, start):
    order = {"order_id": "1-1", "symbol": "BTCUSDT", "action": "BUY", "size_usd": "1", "entry_price": "2",
             "expires_at": "2026-01-19T12:00:00.000Z"}
    rig.db.xadd(ORDERS, order)
    rig.db.xadd(ORDERS, {**order, "order_id": "1-2", "action": "CLOSE"})
    adapter = start("adapter")
    adapter.expect("two answers", lambda: rig.db.xlen(ANSWERS) == 2)
    first, second = [fields for _, fields in rig.db.xrange(ANSWERS)]
    assert first == {"order_id": "1-1", "status": "expired"}
    assert (second["order_id"], second["status"], float(second["price"])) == ("1-2", "closed", 2)
    assert adapter.done() == ["1-2"]


def test_killed_again_and_again(rig, start):
    """All three in a row, around a router and an executor of ours."""
    rig.start_open_router(0, **ROOMY)
    rig.start_executor(*STREAM_VENUE, TRADE_INTENT_SAFE_DRAIN="false", MAX_OPEN_ORDERS="1000000").expect("STREAM mode")
    clients = [start(role) for role in ("write", "read", "adapter")]
    writer, reader, adapter = clients
    ids = [f"d{1000 + number}" for number in range(200)]
    seed = int(os.environ.get("QUANTUM_TEST_SEED", random.randrange(1 << 32)))
    chance = random.Random(seed)
    for at in range(0, len(ids), 20):
        seen = len(adapter.done())
        decide(writer, *ids[at : at + 20])
        wait_until("something is on its way", lambda: len(adapter.done()) > seen, context=adapter.told)
        chance.choice(clients).restart()
    try:
        wait_until("every result", lambda: len(rig.results()) >= len(ids), context=lambda: rig.told() + reader.told() + adapter.told())
        reader.expect("every intent", lambda: len(reader.done()) >= len(ids))
    except AssertionError as error:
        raise AssertionError(f"seed {seed}: {error}") from None
    for role in ("read", "adapter"):
        stream, group = GROUPS[role]
        wait_until("nothing pending", lambda: all(row["pending"] == 0 for row in rig.db.xinfo_groups(stream)))
    assert sorted(reader.done()) == ids
    assert sorted(row["decision_id"] for row in rig.results()) == ids
    assert {row["status"] for row in rig.results()} == {"filled"}
    assert len(set(adapter.done())) == len(adapter.done()) == written(rig, ORDERS) == written(rig, ANSWERS) == len(ids)
