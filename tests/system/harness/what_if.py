"""Windows that another policy may decide otherwise, with settings and a world as a router of this moment writes them."""

import random

from harness.market import BEGIN_MS, DAY_MS, MINUTE_MS, Market, Row
from harness.names import DECISIONS, SETTINGS
from harness.signals import signal

COST = 10.0


def live_of(rig):
    """The digest of a router's settings, their text, and a world without orders."""
    rig.start_open_router(0)
    rig.must_write(signal("BTCUSDT", confidence=0.95))
    rig.expect_drained()
    rig.close_routers()
    ((digest, text),) = rig.db.hgetall(SETTINGS).items()
    ((_, fields), *_) = rig.db.xrange(DECISIONS)
    return {"settings": digest, "text": text, "world": fields["world"]}


class World:
    """Windows of three, of which two are published; what each rank makes on the mean is the truth."""

    def __init__(self, folder, live):
        self.market = Market(folder, settings=live["settings"], world=live["world"])
        self.market.archive.add("settings", BEGIN_MS, {live["settings"]: live["text"]})

    def decide(self, at, made, prices=True, name="", closes=True, drops=""):
        fates = ("published", "published", "outranked")
        rows = [
            Row(f"{name}R{rank}USDT", fate, confidence=0.99 - rank / 100, move=(bps + COST,) * 3,
                profit_bps=bps if fate == "published" and closes else None)
            for rank, (fate, bps) in enumerate(zip(fates, made))
        ]  # fmt: skip
        self.market.decide(at, rows, drops, prices=prices)

    def write(self):
        return self.market.write()


def world(folder, live, means, seed=1, days=20, cycles=6):
    chance = random.Random(seed)
    made = World(folder, live)
    for day in range(days):
        shared = chance.gauss(0, 15)
        for cycle in range(cycles):
            at = BEGIN_MS + day * DAY_MS + (cycle + 1) * 60 * MINUTE_MS
            made.decide(at, [mean + shared + chance.gauss(0, 40) for mean in means], name=f"C{cycle}")
    return made.write()
