"""What is held, as everybody may read it, against the positions that exist: both at one moment, and again and again."""

import json
import re

from harness.names import USUAL
from harness.worker import Worker


SYMBOL = re.compile("[A-Z0-9_-]{3,32}")


def symbol_and_side(value):
    """Of a position as it is kept; None where it cannot be read."""
    try:
        said = json.loads(value)
        found = said["symbol"], said["side"]
        return found if SYMBOL.fullmatch(found[0]) and found[1] in ("BUY", "SELL") else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def held_by(positions):
    """What the hash must say, by the values of the venue's own."""
    sides = {}
    for symbol, side in filter(None, map(symbol_and_side, positions)):
        sides.setdefault(symbol, []).append(side)
    return {symbol: told(all) for symbol, all in sides.items()}


def told(sides):
    side = "SELL" if sides.count("SELL") > sides.count("BUY") else "BUY"
    return side if len(sides) == 1 else f"{side} {len(sides)}"


def number_held(value):
    return int(value.partition(" ")[2] or 1)


def read_held(client, positions, names=USUAL):
    """The count, the hash, and the positions by themselves, at one moment."""
    pipe = client.pipeline(transaction=True)
    pipe.get(names.open_orders).hgetall(names.held).hvals(positions)
    return pipe.execute()


def check_held(client, positions, names=USUAL):
    """All agree; returns what is held."""
    count, held, values = read_held(client, positions, names)
    assert (count, held) == (str(len(values)), held_by(values)), (count, held, values)
    return held


class HeldWatch(Worker):
    """Looks at them beside whatever else happens."""

    def __init__(self, rig, positions):
        super().__init__(rig.redis.client())
        self.positions = positions
        self.looks, self.seen = 0, set()

    def step(self):
        self.seen.update(check_held(self.client, self.positions).items())
        self.looks += 1
