"""What executors did, by Redis' own file: open orders are the positions that exist, and so is what is held, each intent ends once,
and nothing is opened after an exit of its symbol that was published later."""

from collections import Counter

from harness.held import held_by
from harness.ledger import Ledger, Rules, entry_of, id_of
from harness.names import USUAL

EXECUTED = ("filled", "closed", "nothing_open")


class ExecutorBooks(Ledger):
    """Of the paper venue; nobody else may write open orders, or what is held, while there are positions."""

    def __init__(self, folder, names=USUAL):
        self.executed = {}  # decision: intent
        self.given_again = False
        super().__init__(folder, Rules(), names)

    def _forget(self):
        super()._forget()
        self.opened = set()  # intents that became positions
        self.positions = {}  # those that still are, with their values
        self.held = {}  # as everybody may read it
        self.ends = {}  # intent: status
        self.statuses = Counter()
        self.superseded = 0
        self.exits = {}  # symbol: the highest id of an exit that was executed

    def take_in(self, transaction):
        super().take_in(transaction)
        keys = {command[1] for command in transaction if len(command) > 1}
        if self.names.positions in keys:
            assert self.values.get(self.names.open_orders) == str(len(self.positions)), transaction
        if {self.names.positions, self.names.held} & keys:
            assert self.held == held_by(self.positions.values()), (self.held, transaction)
        results = [entry_of(c)[1] for c in transaction if c[:2] == ["XADD", self.names.results]]
        for result in results:
            if result["intent_id"]:
                self._check_end(result, transaction)
        opened = [c for c in transaction if c[:2] == ["HSET", self.names.positions]]
        assert len(opened) == sum(result["status"] == "filled" for result in results), transaction

    def _on_hset(self, command):
        super()._on_hset(command)
        if command[1] == self.names.positions:
            assert command[2] not in self.opened, f"{command[2]} was opened twice"
            self.opened.add(command[2])
            self.positions[command[2]] = command[3]
        if command[1] == self.names.held:
            self.held.update(zip(command[2::2], command[3::2]))

    def _on_hdel(self, command):
        if command[1] == self.names.positions:
            assert set(command[2:]) <= self.positions.keys(), command
            for id in command[2:]:
                del self.positions[id]
        if command[1] == self.names.held:
            for symbol in command[2:]:
                del self.held[symbol]

    def _on_del(self, command):
        super()._on_del(command)
        if self.names.positions in command[1:]:
            self.positions = {}
        if self.names.held in command[1:]:
            self.held = {}

    def _give_again(self, place):
        """A group that is made or set again brings what has ended once more."""
        if place == (self.names.intents, self.names.executors):
            self.given_again |= bool(self.ends)
            last = self.groups[place].last
            self.ends = {id: status for id, status in self.ends.items() if id_of(id) <= last}

    def _check_end(self, result, transaction):
        """Its mark, its result and its ACK are of one moment, and it has had none before."""
        id, status = result["intent_id"], result["status"]
        assert id not in self.ends, f"{id}: {self.ends[id]} and {status}"
        self.ends[id] = status
        self.statuses[status] += 1
        self.superseded += result["reason"] == "superseded"
        self._check_exit(result)
        acked = [c[3:] for c in transaction if c[:2] == ["XACK", self.names.intents]]
        assert acked == [[id]], transaction
        if status not in EXECUTED:
            return
        decision = result["decision_id"]
        assert decision not in self.executed, f"{decision}: {self.executed[decision]} and {id}"
        self.executed[decision] = id
        marks = [c[1] for c in transaction if c[0] == "SET" and c[1].startswith(self.names.processed)]
        assert marks == [self.names.processed + decision], transaction

    def _check_exit(self, result):
        symbol, id = result["symbol"], id_of(result["intent_id"])
        if result["status"] == "filled":
            assert id > self.exits.get(symbol, (0, 0)), f"{result} after the exit {self.exits[symbol]}"
        elif result["status"] in ("closed", "nothing_open"):
            self.exits[symbol] = max(id, self.exits.get(symbol, (0, 0)))

    def expect_all_ended(self, ids, stale=()):
        """Each has one result, but for the stale ones, which have none; and nothing is left over."""
        assert set(self.ends) == set(ids) - set(stale)
        group = self.groups[(self.names.intents, self.names.executors)]
        assert not group.pending, group.pending
        assert group.last >= max(map(id_of, ids))
        return self
