"""Where every signal has ended, by Redis' own books: the ledger of the system tests, and none lost."""

import json
from bisect import bisect_right

from harness.ledger import Ledger, entry_of, id_of
from harness.names import GROUP
from holdings import Holdings, opening_of, refused

MIN_CONFIDENCE = 0.75
FLYING_MAX = 10_000  # of more no router asks which


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
    """Knows every signal that was ever written, and of which symbols intents are on their way."""

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
        if command[1] == self.names.intents:
            self._note_intent(command)

    def _note_intent(self, command):
        id, fields = entry_of(command)
        if "MAXLEN" in command:  # which takes others, too, that are on their way
            self.openings = {}
        self.openings[id_of(id)] = opening_of(fields)

    def _forget(self):
        super()._forget()
        self.signals = {}
        self.trades = 0
        self.ours = 0  # intents in the stream that a commit has published
        self.holdings = Holdings(self.names.held)
        self.openings = {}  # id of an intent: the symbol that it opens, and its side
        self.was_given_again = False  # what is in flight, since the last commit

    def _give_again(self, place):
        super()._give_again(place)
        self.was_given_again |= place[0] == self.names.intents

    def _on_del(self, command):
        super()._on_del(command)
        if self.names.signals in command[1:]:
            self.signals = {}
        if self.names.intents in command[1:]:
            self.openings, self.ours = {}, 0

    def _on_xdel(self, command):
        known = {self.names.signals: self.signals, self.names.intents: self.openings}.get(command[1], {})
        for id in command[2:]:
            known.pop(id if known is self.signals else id_of(id), None)

    def _on_xtrim(self, command):
        if command[1] == self.names.intents:
            self.openings = {}

    # --- no symbol twice

    def take_in(self, transaction):
        commits = self.commits
        super().take_in(transaction)
        self.holdings.note(self.values.get(self.names.open_orders), self.commits > commits)
        self.was_given_again &= self.commits == commits

    def _apply(self, command):
        super()._apply(command)
        self.holdings.apply(command)

    def _check_intent(self, *intent):
        super()._check_intent(*intent)
        self.ours += 1

    def _check_allowed(self, entries, transaction):
        super()._check_allowed(entries, transaction)
        chosen = {opening_of(fields) for _, fields in entries}
        held = refused(chosen, self.holdings.taken(), self.rules)
        flying = refused(chosen, self._flying(id_of(entries[0][0])[0]), self.rules)
        assert not held, f"published what is held: {held}"
        assert not flying, f"published what is in flight: {flying}"

    def _flying(self, now_ms):
        """What the intents open that nobody has finished. A commit looks for those that came after its decision."""
        group = self.groups.get((self.names.intents, self.rules.group))
        if not group or self._is_dead(group) or self.was_given_again:
            return set()
        waiting = self.intents[bisect_right(self.intents, group.last) :]
        ids = {*waiting, *group.pending}
        if len(ids) > FLYING_MAX or min(ids, default=(now_ms, 0)) < (now_ms - self.rules.max_age_sec * 1000, 0):
            return set()  # such a group may count as dead
        return {opening for opening in map(self.openings.get, ids) if opening}

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
