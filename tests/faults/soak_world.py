"""The world around the routers of a soak: producers, an executor, and two routers under supervision."""

import json
import os
import random
import time

import redis
from harness.names import EXECUTORS, INTENTS, OPEN_ORDERS, SIGNALS
from harness.signals import document, signal
from harness.worker import Worker
from stage import LEAN

BATCH_SEC = 0.05
SYMBOLS = [f"COIN{number}" for number in range(200)]
LIMITS = {"max_open": 20, "target_open": 10, "burst": 3}
ENV = {
    "MAX_OPEN_ORDERS": "20",
    "TARGET_OPEN_ORDERS": "10",
    "MAX_NEW_PER_CYCLE": "3",
    "SIGNAL_MAX_AGE_SEC": "100000",
    "CANDIDATE_WINDOW_SEC": "0.1",
    **LEAN,
}


class Producers(Worker):
    """So many signals a second: most are weak, one in a hundred is good, some of these come again."""

    def __init__(self, stage, seed, rate):
        super().__init__(stage.redis.client(socket_timeout=5))
        self.chance = random.Random(f"{seed} {type(self).__name__}")
        self.rate = rate
        self.written = 0
        self.due = time.monotonic()

    def step(self):
        self.due += BATCH_SEC
        if self.stopping.wait(max(0, self.due - time.monotonic())):
            return
        self.due = max(self.due, time.monotonic() - 1)  # what Redis did not take for long is not caught up
        pipe = self.client.pipeline(transaction=False)
        for _ in range(round(self.rate * BATCH_SEC)):
            self.written += 1
            pipe.xadd(SIGNALS, self._make())
        pipe.execute()

    def _make(self):
        kind, symbol = self.chance.random(), self.chance.choice(SYMBOLS)
        if kind < 0.01:
            again = self.chance.random() < 0.2
            number = max(1, self.written - self.chance.randrange(2000)) if again else self.written
            confidence = round(self.chance.uniform(0.75, 1), 3)
            return signal(symbol, "BUY", confidence, correlation_id=f"uid-{number}")
        if kind < 0.02:
            return signal(symbol, self.chance.choice(["HOLD", "CLOSE"]), 0.9)
        if kind < 0.03:
            return {"symbol": symbol, "side": "BUY", "confidence": "much"}
        make = signal if kind < 0.5 else document
        return make(symbol, "SELL", round(self.chance.uniform(0, 0.74), 3))


class Executor(Worker):
    """Opens what it is told, says so before it is done with the intent, and closes it after a while."""

    def __init__(self, stage, seed):
        super().__init__(stage.redis.client(socket_timeout=5))
        self.chance = random.Random(f"{seed} {type(self).__name__}")
        self.closing = []  # when, and which symbol
        self.most = 0
        self.silent_until = 0

    def step(self):
        now = time.monotonic()
        found = self.client.xreadgroup(EXECUTORS, "one", {INTENTS: ">"}, count=10, block=20)
        mine = self.client.xreadgroup(EXECUTORS, "one", {INTENTS: "0"}, count=100)
        done = {id: symbol_of(fields) for stream in (found, mine) for _, entries in stream or () for id, fields in entries}
        self.closing = [(at, symbol) for at, symbol in self.closing if at > now]
        self.most = max(self.most, len(self.closing) + len(done))
        if now < self.silent_until:
            return
        pipe = self.client.pipeline(transaction=True)
        self.tell(pipe, [symbol for _, symbol in self.closing] + list(done.values()))
        if done:
            pipe.xack(INTENTS, EXECUTORS, *sorted(done))
        pipe.execute()
        self.closing += [(now + self.chance.uniform(0.5, 1.5), symbol) for symbol in done.values()]

    def tell(self, pipe, symbols):
        """What is held now, in the transaction that is done with the intents."""
        pipe.set(OPEN_ORDERS, len(symbols))


def symbol_of(fields):
    return json.loads(fields["payload"])["symbol"]


class Supervisor:
    """Keeps both routers alive; an end that nobody brought about is a crash."""

    def __init__(self, stage, flags=()):
        self.stage = stage
        self.flags = flags
        self.proxies = {name: stage.proxy() for name in "ab"}
        self.at = {}
        self.starts = 0
        self.leads = self.rss_mib = self.fds = 0

    def start(self, name):
        self.starts += 1
        self.at[name] = self.stage.start(name, self.proxies[name], *self.flags, **ENV)

    def end(self, name, how):
        """Its log is checked now, and not kept."""
        router = self.at[name]
        how(router)
        router.close()
        self.leads += router.count("LEADER_ACQUIRED")
        self.stage.routers.remove(router)
        router.log_path.unlink()

    def look(self):
        for name, router in self.at.items():
            assert router.process.poll() is None, f"{name} crashed{router.tail()}"
            folder = f"/proc/{router.process.pid}"
            self.fds = max(self.fds, len(os.listdir(folder + "/fd")))
            with open(folder + "/statm") as file:
                self.rss_mib = max(self.rss_mib, int(file.read().split()[1]) * 4096 >> 20)


def trim(client):
    """What all are done with goes, so that an hour's signals need not be kept."""
    [group] = client.xinfo_groups(SIGNALS)
    oldest = client.xpending(SIGNALS, group["name"])["min"] or group["last-delivered-id"]
    behind = f"{int(oldest.split('-')[0]) - 30000}"
    client.xtrim(SIGNALS, minid=behind)


def told(numbers):
    return " ".join(f"{name}={value}" for name, value in json.loads(json.dumps(numbers)).items())
