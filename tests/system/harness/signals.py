"""Signals as producers write them, and a producer that keeps writing."""

import json

from harness.worker import Worker


def signal(symbol="BTCUSDT", side="BUY", confidence=0.95, **more):
    """An entry in flat form, where everything is a string."""
    fields = {"symbol": symbol, "side": side, "confidence": confidence, **more}
    return {name: value if isinstance(value, bytes) else str(value) for name, value in fields.items()}


def document(symbol="BTCUSDT", side="BUY", confidence=0.95, form="payload", beside=None, **more):
    """An entry whose `payload` or `data` is a JSON object; `beside` stands next to it."""
    inside = {"symbol": symbol, "side": side, "confidence": confidence, **more}
    return {form: json.dumps(inside), **(beside or {})}


class Feeder(Worker):
    """Writes what make(n) gives, one entry at a time."""

    def __init__(self, server, stream, make, pause_sec, hold):
        super().__init__(server.client(), pause_sec)
        self.stream = stream
        self.make = make
        self.hold = hold  # asked now and then: whether to wait
        self.number = 0
        self.confirmed = []
        self.attempted = []

    def step(self):
        if self.number % 20 == 0 and self.hold():
            return
        fields = self.make(self.number)
        self.number += 1
        self.attempted.append(fields)
        self.client.xadd(self.stream, fields)
        self.confirmed.append(fields)
