"""The books, kept by Redis itself: its append-only file, read command by command.

It is a total order of everything that came to pass, with the borders of transactions, and it knows
nothing of what our programs say of themselves.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.names import EXECUTORS, GROUP, USUAL
from harness.records import Chain, check_against_commit


@dataclass
class Rules:
    """What the routers of a test were told."""

    max_open: int = 10
    target_open: int = 3
    burst: int = 2
    super_confidence: float = 0.90
    supers: int = 0  # in a cycle; 0: as many as the burst
    group: str = EXECUTORS  # '' counts nothing in flight
    max_age_sec: int = 600
    adds: bool = False  # positions.same_side = add
    passes: bool = False  # positions.opposite_side = pass
    records: bool | None = True  # each commit writes one, or none does; None: some do


@dataclass
class Group:
    last: tuple = (0, 0)
    pending: dict = field(default_factory=dict)  # id: consumer
    consumers: set = field(default_factory=set)

    def drop(self, consumer):
        """What was pending with it is pending no more."""
        self.consumers.discard(consumer)
        self.pending = {id: owner for id, owner in self.pending.items() if owner != consumer}


class Room(NamedTuple):
    """Places used, places that may be taken, and what confidence it takes."""

    used: int
    allowed: int
    least: float


class Reader:
    """Takes the file in pieces, as it grows; gives lists of commands that took effect at one moment."""

    def __init__(self):
        self.rest = b""
        self.inside = None

    def feed(self, data):
        data = self.rest + data
        done = 0
        for words, done in read_commands(data):
            name = words[0].upper()
            if name == "MULTI":
                self.inside = []
            elif name == "EXEC":
                yield self.inside
                self.inside = None
            elif name == "SELECT":
                continue
            elif self.inside is None:
                yield [[name, *words[1:]]]
            else:
                self.inside.append([name, *words[1:]])
        self.rest = data[done:]


def read_commands(data):
    """Each whole command as a list of texts, and where it ends; the last one may be cut off."""
    at = 0
    while at < len(data):
        line_end = data.find(b"\n", at)
        if line_end < 0:
            return
        if data[at : at + 1] == b"#":  # a timestamp
            at = line_end + 1
            continue
        count = int(data[at + 1 : line_end])
        words, at = [], line_end + 1
        for _ in range(count):
            line_end = data.find(b"\n", at)
            if line_end < 0:
                return
            length = int(data[at + 1 : line_end])
            words.append(data[line_end + 1 : line_end + 1 + length].decode("utf-8", "replace"))
            at = line_end + 1 + length + 2
        if at > len(data):
            return
        yield words, at


def read_transactions(data):
    return Reader().feed(data)


def encode_command(command):
    words = [word.encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def id_of(text):
    milliseconds, _, sequence = text.partition("-")
    return int(milliseconds), int(sequence or 0)


def entry_of(command):
    """The id and the fields of an XADD."""
    limits = ("MINID", "=", "~")  # before the id of what is trimmed
    at = next(i for i in range(2, len(command)) if re.fullmatch(r"\d+-\d+", command[i]) and command[i - 1] not in limits)
    return command[at], dict(zip(command[at + 1 :: 2], command[at + 2 :: 2]))


class Ledger:
    """Replays the file and fails at the first thing that must never happen."""

    def __init__(self, folder, rules, names=USUAL):
        self.names = names
        self.files = sorted(
            (folder / "appendonlydir").glob("*.incr.aof"),
            key=lambda file: int(file.name.split(".")[-3]),
        )
        self.rules = rules
        self.published = {}  # decision: id of its intent
        self.settled = set()  # ids of signals
        self.commits = 0
        self.takes = 0
        self.deliveries = 0
        self.chain = Chain()
        self._forget()

    def _forget(self):
        self.values = {}
        self.hash = {}
        self.intents = []
        self.groups = {}
        self.tops = {}  # stream: last id
        self.most_in_flight = {}  # since the last commit, by the open orders of that moment
        self.chain.end()

    def transactions(self):
        assert self.files, "no append-only file"
        for file in self.files:
            yield from read_transactions(file.read_bytes())

    def check(self):
        for transaction in self.transactions():
            self.take_in(transaction)
        return self

    # --- what every command does to what we keep

    def take_in(self, transaction):
        fences = [c for c in transaction if c[:2] == ["HSET", self.names.commit]]
        seq = [c for c in fences if "seq" in c[2::2]]
        if seq:
            self._check_commit(transaction, dict(zip(seq[0][2::2], seq[0][3::2])))
        else:
            lone = [c for c in transaction if c[:2] == ["XADD", self.names.decisions] and "cycle_id" in c]
            assert not lone, f"a record without its commit: {lone[0][:12]}"
        if any("epoch" in c[2::2] for c in fences):
            taken = any(c[:2] == ["SET", self.names.leader] for c in transaction)
            assert taken, "an epoch without the lease"
            self.takes += 1
        for command in transaction:
            self._apply(command)
        if seq:
            self.most_in_flight = {}

    def _apply(self, command):
        handler = getattr(self, "_on_" + command[0].lower(), None)
        if handler:
            handler(command)

    def _on_flushall(self, _):
        self._forget()

    _on_flushdb = _on_flushall

    def _on_set(self, command):
        self.values[command[1]] = command[2]

    def _on_del(self, command):
        for key in command[1:]:
            self.values.pop(key, None)
            if key == self.names.commit:
                self.hash = {}
            if key == self.names.intents:
                self.intents = []
            if key == self.names.decisions:
                self.chain.end()
            self.groups = {place: group for place, group in self.groups.items() if place[0] != key}

    def _on_unlink(self, command):
        self._on_del(command)

    def _add(self, key, amount):
        self.values[key] = str(int(self.values.get(key, "0")) + amount)

    def _on_incrby(self, command):
        self._add(command[1], int(command[2]))

    def _on_incr(self, command):
        self._add(command[1], 1)

    def _on_decr(self, command):
        self._add(command[1], -1)

    def _on_decrby(self, command):
        self._add(command[1], -int(command[2]))

    def _on_hset(self, command):
        if command[1] == self.names.commit:
            self.hash.update(zip(command[2::2], command[3::2]))

    def _on_hsetnx(self, command):
        if command[1] == self.names.commit:
            self.hash.setdefault(command[2], command[3])

    def _on_xadd(self, command):
        text, fields = entry_of(command)
        self.tops[command[1]] = id = id_of(text)
        if command[1] == self.names.decisions:
            self.chain.add(text, fields)
        if command[1] == self.names.intents:
            self.intents.append(id)

    def _on_xgroup(self, command):
        place = (command[2], command[3])
        if command[1].upper() == "CREATE":
            self.groups[place] = Group(self._id_in(command))
            self._give_again(place)
        elif command[1].upper() == "SETID":
            self.groups[place].last = self._id_in(command)
            self._give_again(place)
        elif command[1].upper() == "CREATECONSUMER":
            self.groups[place].consumers.add(command[4])
        elif command[1].upper() == "DELCONSUMER":
            self.groups[place].drop(command[4])
        elif command[1].upper() == "DESTROY":
            self.groups.pop(place, None)

    def _id_in(self, command):
        return self.tops.get(command[2], (0, 0)) if command[4] == "$" else id_of(command[4])

    def _give_again(self, place):
        """What was settled comes once more when somebody sets the group back."""
        if place == (self.names.signals, GROUP):
            last = self.groups[place].last
            self.settled = {text for text in self.settled if id_of(text) <= last}

    def _on_xclaim(self, command):
        group = self.groups[(command[1], command[2])]
        group.consumers.add(command[3])
        for text in command[5:]:
            if not re.fullmatch(r"\d+-\d+", text):
                break
            group.pending[id_of(text)] = command[3]
        if command[1] == self.names.signals:
            self.deliveries += 1
        if "LASTID" in command:
            group.last = max(group.last, id_of(command[command.index("LASTID") + 1]))

    def _on_xack(self, command):
        if command[1] == self.names.intents:
            open_orders = self.values.get(self.names.open_orders)
            self.most_in_flight[open_orders] = max(self.most_in_flight.get(open_orders, 0), self.in_flight(self.now_ms()))
        group = self.groups[(command[1], command[2])]
        for text in command[3:]:
            was_pending = group.pending.pop(id_of(text), None)
            if command[1:3] == [self.names.signals, GROUP] and was_pending:
                assert text not in self.settled, f"signal {text} was settled twice"
                self.settled.add(text)

    # --- a commit

    def now_ms(self):
        return max(self.tops.values(), default=(0, 0))[0]

    def in_flight(self, now_ms):
        group = self.groups.get((self.names.intents, self.rules.group))
        if not group or self._is_dead(group):
            return 0
        oldest = (now_ms - self.rules.max_age_sec * 1000, 0)
        waiting = len(self.intents) - bisect_right(self.intents, max(group.last, oldest))
        return waiting + sum(1 for id in group.pending if id >= oldest)

    def _is_dead(self, group):
        """Of a group that nobody named; whether consumers were seen no file tells."""
        return self.rules.group == self.names.executors and not group.consumers

    def _check_commit(self, transaction, record):
        assert int(record["seq"]) == int(self.hash["seq"]) + 1, f"{record} after {self.hash}"
        assert record["cycle_id"] == f"{self.hash['epoch']}-{record['seq']}", "a foreign epoch"
        assert self.names.leader in self.values, "a commit, and nobody holds the lease"
        self.commits += 1
        entries = [entry_of(c) for c in transaction if c[:2] == ["XADD", self.names.intents]]
        acked = {text for c in transaction if c[:2] == ["XACK", self.names.signals] for text in c[3:]}
        raised = sum(int(c[2]) for c in transaction if c[0] == "INCRBY" and c[1].startswith(self.names.daily))
        marked = [c[1] for c in transaction if c[0] == "SET" and c[1].startswith(self.names.dedup)]
        assert raised == len(marked) == len(entries), transaction
        self._check_record(transaction, record, entries, acked)
        if entries:
            self._check_allowed(entries, transaction)
        for id, fields in entries:
            self._check_intent(id, json.loads(fields["payload"]), acked, marked)

    def _check_record(self, transaction, commit, intents, acked):
        """One for each commit, behind its intents and before its ACKs."""
        kinds = [(c[0], c[1]) for c in transaction]
        added = ("XADD", self.names.decisions)
        count = kinds.count(added)
        assert count <= 1 and self.rules.records in (None, count == 1), f"{count} records of the commit {commit}"
        if count == 0:
            return
        at = kinds.index(added)
        before, behind = ("XADD", self.names.intents), ("XACK", self.names.signals)
        assert before not in kinds[at:] and behind not in kinds[:at], f"the record of {commit['cycle_id']} is out of its place"
        id, fields = entry_of(transaction[at])
        assert commit["record"] == id, f"{commit}, and its record is {id}"
        check_against_commit(fields, commit, intents, acked)

    def _check_intent(self, id, intent, acked, marked):
        decision, signal = intent["decision_id"], intent["signal_id"]
        assert decision not in self.published, f"{decision}: {self.published[decision]} and {id}"
        self.published[decision] = id
        assert self.names.dedup + decision in marked and signal in acked
        assert signal not in self.settled, f"{signal} was settled, and is published now"
        assert id_of(signal) in self.groups[(self.names.signals, GROUP)].pending, f"{signal} is not pending"

    def _check_allowed(self, entries, transaction):
        # One whose time is over goes in the moment in which the commit looks at it.
        is_over = ["DEL", self.names.safe_mode] in transaction
        assert is_over or self.names.safe_mode not in self.values, "published in safe mode"
        confidences = [json.loads(fields["payload"])["confidence"] for _, fields in entries]
        rooms = self.rooms(id_of(entries[0][0])[0])
        assert any(len(entries) <= room.allowed and min(confidences) >= room.least for room in rooms), f"{confidences}, and room {rooms}"

    def rooms(self, now_ms):
        """What the decision saw it saw after the last commit, and open orders are the same again, whatever they were in between;
        but of what was finished since then it may have counted any part."""
        most = self.most_in_flight.get(self.values.get(self.names.open_orders), 0)
        finished = max(0, most - self.in_flight(now_ms))
        return [self.room(now_ms, more) for more in range(finished + 1)]

    def room(self, now_ms, more=0):
        """With so many more in flight."""
        rules = self.rules
        value = self.values.get(self.names.open_orders)
        if value is None or not re.fullmatch(r"0|[1-9]\d*", value):
            return Room(f"capacity {value!r}", 0, 0)
        used = int(value) + self.in_flight(now_ms) + more
        allowed = min(rules.max_open - used, rules.burst)
        if used < rules.target_open:
            return Room(used, min(allowed, rules.target_open - used), 0)
        return Room(used, max(min(allowed, rules.supers or allowed), 0), rules.super_confidence)

    def counted(self):
        """The sums of the daily counters."""
        return sum(int(value) for key, value in self.values.items() if key.startswith(self.names.daily))

    def pending(self):
        group = self.groups.get((self.names.signals, GROUP))
        return len(group.pending) if group else 0
