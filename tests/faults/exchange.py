"""An exchange with its adapter: it takes the orders that the stream venue hands over, does with them what may be done, and
answers in the order in which things come to pass. It knows what is really held, and what each answer must lead to."""

from dataclasses import dataclass, field

ORDERS = "quantum:stream:venue.order"
ANSWERS = "quantum:stream:venue.answer"
ANSWER_GROUP = "quantum:group:execution:venue.answer"


@dataclass
class Order:
    """An opening, or an exit."""

    id: str
    symbol: str
    action: str
    decision_id: str
    closes: list
    state: str = "asked"  # then open, closed or refused; of an exit done
    answers: set = field(default_factory=set)  # entries that told of it


@dataclass
class Fact:
    """What an answer brings about: its result, which its reason names."""

    status: str
    intent_id: str
    decision_id: str


class Exchange:
    def __init__(self, db, chance):
        self.db, self.chance = db, chance
        self.read_to = "0"
        self.orders = {}
        self.facts = {}  # by the reason of the answer
        self.again = []  # answers that may be repeated: nobody else has them in hand
        self.told = []  # all of them, as they were told, to be read when a run has failed

    # --- what is there

    def openings(self, *states):
        return [order for order in self.orders.values() if order.action != "CLOSE" and order.state in states]

    def exits(self):
        return [order for order in self.orders.values() if order.action == "CLOSE" and order.state == "asked"]

    def held(self):
        return {order.id for order in self.openings("open")}

    # --- what comes in

    def take(self):
        """All orders that were handed over since."""
        for _, entries in self.db.xread({ORDERS: self.read_to}):
            for self.read_to, fields in entries:
                self._take(fields)

    def _take(self, fields):
        id, closes = fields["order_id"], [part for part in fields.get("closes", "").split(",") if part]
        assert id not in self.orders, f"{id} was handed over twice"
        assert (fields["action"] == "CLOSE") == bool(closes), fields
        for named in closes:
            opened = self.orders[named]
            assert opened.symbol == fields["symbol"] and opened.action != "CLOSE", f"{id} closes {named}"
            others = [exit.id for exit in self.exits() if named in exit.closes]
            assert not others, f"{id} and {others} are outstanding for {named}"
        order = Order(id, fields["symbol"], fields["action"], fields["decision_id"], closes)
        self.orders[id] = order

    # --- what comes to pass

    def _tell(self, order, status, result, *, of_intent=True, **fields):
        reason = f"fact {len(self.facts)}"
        self.facts[reason] = Fact(result, order.id if of_intent else "", order.decision_id)
        fields = {"order_id": order.id, "status": status, "reason": reason, **fields}
        id = self.db.xadd(ANSWERS, fields)
        self.told.append((id, fields))
        self.again.append(fields)
        order.answers.add(id)

    def fill(self, order):
        order.state = "open"
        self._tell(order, "filled", "filled", price="100.5", quantity="2", fee_usd="0.1")

    def refuse(self, order):
        order.state = "refused"
        self._tell(order, self.chance.choice(["rejected", "expired"]), "rejected")

    def fill_late(self, order):
        """It was given up, and the exchange fills it all the same."""
        self.fill(order)

    def stop_out(self, order):
        """It closed by itself; what was filled and closed at one moment is told once."""
        was_told = order.state == "open"
        order.state = "closed"
        self._tell(order, "closed", "closed", of_intent=not was_told, price="99.5")

    def execute(self, exit):
        """Those that it names and that are held, or none of them: some adapters say then that it is closed."""
        exit.state = "done"
        held = [self.orders[id] for id in exit.closes if self.orders[id].state == "open"]
        if self.chance.random() < 0.25:
            self._tell(exit, self.chance.choice(["rejected", "expired"]), "rejected")
            return
        for order in held:
            order.state = "closed"
        self._tell(exit, self.chance.choice(["closed", "closed", "filled"]), "closed", price="99.5")

    # --- what an adapter should not do

    def say_again(self):
        if self.again:
            fields = {**self.chance.choice(self.again), "reason": "said before"}
            self.told.append((self.db.xadd(ANSWERS, fields), fields))

    def say_nonsense(self):
        known = self.chance.choice([*self.orders, "1-1"])
        self.db.xadd(ANSWERS, self.chance.choice([
            {"order_id": f"{self.chance.randrange(10**6)}-{self.chance.randrange(9)}", "status": "filled", "reason": "nonsense"},
            {"order_id": known, "status": "perhaps", "reason": "nonsense"},
            {"order_id": "", "status": "closed", "reason": "nonsense", "price": "1e308"},
            {"status": "filled", "reason": "nonsense"},
            {"x": "y"},
        ]))  # fmt: skip
