"""The books of a soak, read while they are written: what was settled is checked and forgotten."""

from collections import Counter

from books import Books, inside, reason_to_drop
from harness.ledger import Reader, entry_of, id_of

KEPT_IDS = 200_000
CHUNK = 1 << 22


class SoakBooks(Books):
    """Every signal that is settled without an intent has a reason, and want of room is looked into."""

    def __init__(self, folder, rules, *names):
        super().__init__(folder, rules, *names)
        self.ends = Counter()
        self.reader = Reader()
        self.at = 0

    def follow(self):
        """Takes in what has come since the last time."""
        with open(self.files[-1], "rb") as file:
            file.seek(self.at)
            while data := file.read(CHUNK):
                self.at += len(data)
                for transaction in self.reader.feed(data):
                    self.take_in(transaction)

    def take_in(self, transaction):
        acked = [id for c in transaction if c[:2] == ["XACK", self.names.signals] for id in c[3:]]
        left = [id for id in acked if id in self.signals and not reason_to_drop(self.signals[id])]
        entries = [entry_of(c) for c in transaction if c[:2] == ["XADD", self.names.intents]]
        rooms = self.rooms(self.now_ms()) if left else None
        safe = self.names.safe_mode in self.values
        super().take_in(transaction)
        ends = {id: self._end(id) for id in acked if id in self.signals}
        without = [id for id in left if ends[id] == "no room"]
        if without and not safe:
            self._check_want_of_room(without, len(entries), rooms)
        for id, end in ends.items():
            self.ends[end] += 1
            del self.signals[id]
        if len(self.settled) > KEPT_IDS:
            self.settled = set(sorted(self.settled, key=id_of)[KEPT_IDS // 2 :])

    def _end(self, id):
        reason = reason_to_drop(self.signals[id])
        return reason or ("published" if self.decision_of(id) in self.published else "no room")

    def _check_want_of_room(self, without, taken, rooms):
        best = max(float(inside(self.signals[id])["confidence"]) for id in without)
        assert any(taken >= room.allowed or best < room.least for room in rooms), (
            f"{len(without)} dropped for want of room: {taken} taken, room {rooms}; lost: {without[:5]}"
        )

    def expect_all_settled(self):
        assert not self.signals, f"{len(self.signals)} are not settled: {list(self.signals)[:5]}"
        assert self.pending() == 0 and self.counted() == self.ours
