"""Signals as producers write them, and a producer that keeps writing."""

import json
import threading
import time

import redis


def signal(symbol="BTCUSDT", side="BUY", confidence=0.95, **more):
    """An entry in flat form, where everything is a string."""
    fields = {"symbol": symbol, "side": side, "confidence": confidence, **more}
    return {name: value if isinstance(value, bytes) else str(value) for name, value in fields.items()}


def document(symbol="BTCUSDT", side="BUY", confidence=0.95, form="payload", beside=None, **more):
    """An entry whose `payload` or `data` is a JSON object; `beside` stands next to it."""
    inside = {"symbol": symbol, "side": side, "confidence": confidence, **more}
    return {form: json.dumps(inside), **(beside or {})}


class Feeder:
    """Writes what make(n) gives, one entry at a time, until it is stopped; survives a Redis that goes."""

    def __init__(self, server, stream, make, pause_sec, hold):
        self.client = server.client()
        self.stream = stream
        self.make = make
        self.pause_sec = pause_sec
        self.hold = hold  # asked now and then: whether to wait
        self.confirmed = []
        self.attempted = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        number = 0
        while not self.stopping.wait(self.pause_sec):
            if number % 20 == 0 and self.hold():
                continue
            fields = self.make(number)
            number += 1
            self.attempted.append(fields)
            try:
                self.client.xadd(self.stream, fields)
            except redis.RedisError:
                time.sleep(0.01)
                continue
            self.confirmed.append(fields)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join()
        self.client.close()
