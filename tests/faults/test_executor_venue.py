"""The stream venue under every order of hand-over, answer, exit, refusal, restart, duplicate, late and unknown answer: in
the end positions, slots and results are those of an exchange that is modelled beside it (exchange.py)."""

from collections import Counter

import pytest

from exchange import ANSWER_GROUP, ANSWERS, ORDERS, Exchange
from harness.executor import intent
from harness.names import INTENTS
from harness.rig import Rig
from harness.waiting import FULL, wait_until

POSITIONS, EXITS = "quantum:venue:positions", "quantum:venue:exits"
FLAGS = ["--venue.kind=stream", "--venue.armed=quantum:", "--guards.global_rate_max=100000", "--guards.symbol_rate_max=100000",
         "--strays.claim_idle_ms=1500", "--capacity.max_open=12"]  # fmt: skip
SYMBOLS = [f"{letter * 3}USDT" for letter in "ABCDEFGH"]
STEPS, HARD_STEPS = (5000, 100) if FULL else (600, 8)


class Run:
    def __init__(self, rig, chance, policy):
        self.rig, self.db, self.chance = rig, rig.db, chance
        self.flags = [*FLAGS, f"--guards.symbol_policy={policy}"]
        self.exchange = Exchange(rig.db, chance)
        self.intents = {}  # id: action
        self.in_hand = set()  # answers that a reader has, who will not come for them
        self.decisions = 0

    def start(self):
        self.rig.start_executor(*self.flags, TRADE_INTENT_SAFE_DRAIN="false")

    # --- steps

    def intend(self):
        entries = []
        for _ in range(self.chance.choice([1, 1, 2, 3])):
            action = self.chance.choice(["BUY", "BUY", "BUY", "SELL", "CLOSE", "CLOSE", "CLOSE_LONG", "CLOSE_SHORT"])
            self.decisions += self.chance.random() < 0.95
            entries.append((action, intent(self.chance.choice(SYMBOLS), action, decision_id=f"d-{self.decisions}")))
        ids = self.rig.must_intend(*[entry for _, entry in entries])
        self.intents.update(zip(ids, [action for action, _ in entries]))

    def is_free(self, order):
        """Whether nobody has an answer about it in hand: what is read in another order is told by other results."""
        concerned = [order, *(self.exchange.orders[id] for id in order.closes)]
        return not any(each.answers & self.in_hand for each in concerned)

    def happen(self):
        """Something comes to pass at the exchange."""
        exchange = self.exchange
        exchange.take()
        deeds = {
            exchange.fill: exchange.openings("asked"),
            exchange.refuse: exchange.openings("asked")[:1],
            exchange.stop_out: exchange.openings("asked")[:1] + exchange.openings("open")[:1],
            exchange.fill_late: exchange.openings("refused")[-2:] if self.chance.random() < 0.1 else [],
            exchange.execute: exchange.exits(),
        }
        choices = [(deed, order) for deed, orders in deeds.items() for order in orders if self.is_free(order)]
        if choices:
            deed, order = self.chance.choice(choices)
            deed(order)

    def say_again(self):
        self.exchange.say_again()

    def say_nonsense(self):
        self.exchange.say_nonsense()

    def settle(self):
        self.rig.expect_settled()
        self.exchange.take()

    def answers_settle(self):
        wait_until("all answers are settled", self.are_answered, context=self.rig.told)
        self.in_hand.clear()

    def are_answered(self):
        group = next((group for group in self.db.xinfo_groups(ANSWERS) if group["name"] == ANSWER_GROUP), None)
        return group and group["pending"] == 0 and group["last-delivered-id"] == self.last_answer()

    def last_answer(self):
        return self.db.xinfo_stream(ANSWERS)["last-generated-id"]

    # --- and hard ones

    def kill(self):
        self.rig.executor.kill()
        for _ in range(self.chance.randrange(4)):
            self.chance.choice([self.intend, self.happen])()
        self.start()

    def stop(self):
        self.rig.executor.terminate()
        self.answer_some()
        self.start()

    def steal(self):
        """Somebody reads answers and never comes back; what he has is not said again before it was claimed."""
        self.rig.executor.kill()
        self.answer_some()
        found = self.db.xreadgroup(ANSWER_GROUP, "somebody", {ANSWERS: ">"}) if self.db.exists(ANSWERS) else []
        self.in_hand |= {id for _, entries in found for id, _ in entries}
        self.exchange.again.clear()
        for _ in range(3):
            self.happen()
        self.start()

    def answer_some(self):
        for _ in range(self.chance.randrange(1, 4)):
            self.happen()

    def refused(self, error, refuse, allow):
        """At one moment with answers that nobody has read yet."""
        before = self.errors(error)
        pipe = self.db.pipeline(transaction=True)
        pipe.xadd(ANSWERS, {"order_id": "1-1", "status": "filled", "reason": "nonsense"})
        pipe.execute_command(*refuse)
        pipe.execute()
        wait_until(f"Redis says {error}", lambda: self.errors(error) != before, context=self.rig.told)
        self.db.execute_command(*allow)

    def errors(self, code):
        return self.db.info("errorstats").get(f"errorstat_{code}", "count=0")

    def run_out_of_memory(self):
        self.answer_some()
        self.refused("OOM", ["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"])

    def take_a_right(self):
        right = self.chance.choice(["hset", "hget", "xadd", "xack", "hdel", "evalsha", "xreadgroup"])
        user = ["ACL", "SETUSER", "default"]
        self.answer_some()
        self.refused("NOPERM", [*user, f"-{right}"], [*user, f"+{right}"])

    def cut(self):
        for client in self.db.client_list():
            if client["name"].startswith("quantum-executor"):
                self.db.client_kill_filter(_id=client["id"])

    def play(self, steps, hard):
        usual = [self.intend] * 3 + [self.happen] * 6 + [self.settle] * 2 + [self.say_again, self.say_nonsense]
        harsh = [self.kill, self.stop, self.steal, self.run_out_of_memory, self.take_a_right, self.cut, self.answers_settle]
        when = set(self.chance.sample(range(steps), hard))
        for step in range(steps):
            self.chance.choice(harsh if step in when else usual)()
            self.rig.executor.expect_anywhere("P0.D.5 Config")
        self.end()

    # --- the end

    def end(self):
        """The exchange comes to an end with all that it was given; then nothing is asked for that is not answered."""
        self.answers_settle()
        self.settle()
        while self.exchange.openings("asked") or self.exchange.exits():
            for order in self.exchange.openings("asked"):
                self.chance.choice([self.exchange.fill, self.exchange.refuse, self.exchange.stop_out])(order)
            for exit in self.exchange.exits():
                self.exchange.execute(exit)
            self.settle()
        self.answers_settle()
        self.check_positions()
        self.check_results()
        assert self.db.xlen(ANSWERS) <= 220, "answers are trimmed"

    def check_positions(self):
        pipe = self.db.pipeline(transaction=True)
        pipe.hkeys(POSITIONS)
        pipe.get("quantum:state:open_orders")
        pipe.hlen(EXITS)
        positions, open_orders, exits = pipe.execute()
        assert set(positions) == self.exchange.held()
        assert open_orders == str(len(positions))
        assert exits == 0

    def check_results(self):
        """Each answer that says something new has one, and each intent that was not handed over its own."""
        results = self.rig.results()
        by_answer = {result["reason"]: result for result in results if result["reason"].startswith("fact ")}
        assert {reason: self.short(result) for reason, result in by_answer.items()} == {
            reason: (fact.status, fact.intent_id, fact.decision_id) for reason, fact in self.exchange.facts.items()
        }
        others = [result for result in results if not result["reason"].startswith("fact ")]
        assert len(by_answer) + len(others) == len(results), "one for each answer"
        own = Counter(result["intent_id"] for result in others)
        handed = set(self.exchange.orders)
        assert handed <= set(self.intents)
        assert own == Counter(set(self.intents) - handed), self.rig.told()

    @staticmethod
    def short(result):
        return result["status"], result["intent_id"], result["decision_id"]


@pytest.mark.parametrize("policy", ["reject", "add"])
def test_h3_h4_h5_h14_h19_the_stream_venue_is_as_the_exchange(chance, policy):
    with Rig() as rig:
        rig.redis.start()
        rig.set_open(0)
        run = Run(rig, chance, policy)
        run.start()
        rig.expect_group()
        try:
            run.play(STEPS, HARD_STEPS)
        except AssertionError as error:
            said = "\n".join(f"{id} {fields}" for id, fields in run.exchange.told[-60:])
            raise AssertionError(f"{error}\n{said}\n{rig.db.xlen(ORDERS)} orders of {rig.db.xlen(INTENTS)}") from error
