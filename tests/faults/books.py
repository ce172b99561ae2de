"""Where every signal has ended, by Redis' own books: the ledger of the system tests, and none lost."""

import json

from harness.ledger import Ledger, entry_of, id_of
from harness.names import GROUP

MIN_CONFIDENCE = 0.75


def inside(fields):
    """What a signal says, in whichever form; nothing but its ids where that cannot be read."""
    ids = {name: value for name, value in fields.items() if name.endswith("_id")}
    for form in ("payload", "data"):
        if form in fields:
            try:
                said = json.loads(fields[form])
            except (ValueError, RecursionError):
                said = {}
            return {**(said if isinstance(said, dict) else {}), **ids}
    return fields


def reason_to_drop(fields):
    """Why a router should not publish it whatever the state of things; None: it should."""
    try:
        said = inside(fields)
        confidence = float(said["confidence"])
    except (ValueError, KeyError):
        return "invalid"
    if confidence < MIN_CONFIDENCE:
        return "low_confidence"
    side = str(said.get("side", said.get("action", ""))).strip().upper()
    if side in ("HOLD", "CLOSE"):
        return side.lower()
    if side not in ("BUY", "SELL", "LONG", "SHORT") or "symbol" not in said:
        return "invalid"
    return None


class Books(Ledger):
    """Knows every signal that was ever written."""

    def __init__(self, folder, rules, *names):
        super().__init__(folder, rules, *names)
        self.signals = {}  # id: fields

    def _add(self, key, amount):
        super()._add(key, amount)
        if key.startswith(self.names.daily):
            self.trades += amount

    def counted(self):
        """On all days, those that have run out too."""
        return self.trades

    def _on_xadd(self, command):
        super()._on_xadd(command)
        if command[1] == self.names.signals:
            id, fields = entry_of(command)
            self.signals[id] = fields

    def _forget(self):
        super()._forget()
        self.signals = {}
        self.trades = 0

    def _on_del(self, command):
        super()._on_del(command)
        if self.names.signals in command[1:]:
            self.signals = {}

    def _on_xdel(self, command):
        if command[1] == self.names.signals:
            for id in command[2:]:
                self.signals.pop(id, None)

    def decision_of(self, id):
        said = inside(self.signals[id])
        chosen = [str(said.get(name, "")).strip() for name in ("correlation_id", "trace_id")]
        return next((uid for uid in chosen if uid not in ("", "0", "null", "none")), id)

    def fate(self, id):
        """Exactly one of: undelivered, pending, published, duplicate, a reason to drop, unpublished."""
        group = self.groups.get((self.names.signals, GROUP))
        if group is None or (id_of(id) > group.last and id not in self.settled):
            return "undelivered"
        if id_of(id) in group.pending:
            return "pending"
        assert id in self.settled, f"{id} is neither settled nor pending"
        reason = reason_to_drop(self.signals[id])
        if reason:
            return reason
        return "published" if self.decision_of(id) in self.published else "unpublished"

    def fates(self):
        sums = {}
        for id in self.signals:
            sums.setdefault(self.fate(id), []).append(id)
        return sums

    def expect_none_lost(self, unpublished=False):
        """All settled; and what is good published, unless there was no room for all."""
        fates = self.fates()
        for wrong in ("undelivered", "pending", *(() if unpublished else ("unpublished",))):
            assert wrong not in fates, f"{wrong}: {len(fates[wrong])} {fates[wrong][:5]}"
        weak = {self.decision_of(id) for id in self.signals if reason_to_drop(self.signals[id])}
        good = {self.decision_of(id) for id in self.signals if not reason_to_drop(self.signals[id])}
        assert not (weak - good) & set(self.published), "published what is no good"
        return self
