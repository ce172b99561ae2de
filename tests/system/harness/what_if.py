"""Windows that another policy may decide otherwise, with settings and a world as a router of this moment writes them."""

import random

from harness.market import BEGIN_MS, DAY_MS, MINUTE_MS, Market, Row
from harness.names import DECISIONS, SETTINGS
from harness.signals import signal

COST = 10.0
SHARED, SPREAD = 15.0, 40.0


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

    def decide(self, at, made, prices=True, name="", closes=True, drops="", real=None):
        """`made` by prices, and by results too where `real` is not given."""
        fates = ("published", "published", "outranked")
        rows = [
            Row(f"{name}R{rank}USDT", fate, confidence=0.99 - rank / 100, move=(bps + COST,) * 3,
                profit_bps=profit if fate == "published" and closes else None)
            for rank, (fate, bps, profit) in enumerate(zip(fates, made, real or made))
        ]  # fmt: skip
        self.market.decide(at, rows, drops, prices=prices)

    def write(self):
        return self.market.write()


def world(folder, live, means, seed=1, days=20, cycles=6, apart=False):
    """What results tell of a position and what prices do share its day; `apart`: and nothing else, as one ends when it ends."""
    chance = random.Random(seed)
    made = World(folder, live)
    for day in range(days):
        shared = chance.gauss(0, SHARED)
        for cycle in range(cycles):
            at = BEGIN_MS + day * DAY_MS + (cycle + 1) * 60 * MINUTE_MS
            prices, *results = ([mean + shared + chance.gauss(0, SPREAD) for mean in means] for _ in range(1 + apart))
            made.decide(at, prices, name=f"C{cycle}", real=results and results[0])
    return made.write()
