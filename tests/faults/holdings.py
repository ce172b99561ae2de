"""Which symbols are held, and on which side, by Redis' own books, where a router surely knew."""

import json
import re

SYMBOL = re.compile("[A-Z0-9_-]{3,32}")
VALUE = re.compile("(?:BUY|SELL)(?: ([1-9][0-9]{0,5}))?")
FIELDS_MAX = 10_000


def refused(chosen, taken, rules):
    """Of the symbols with their sides that were chosen: those to which what is taken leaves no place."""
    pairs = {(symbol, side, other) for symbol, side in chosen for name, other in taken if name == symbol}
    return {symbol for symbol, side, other in pairs if not (rules.adds if side == other else rules.passes)}


def opening_of(fields):
    """The symbol that an intent opens, and its side; None where it opens none, or does not say so plainly, as others' may not."""
    try:
        said = json.loads(fields["payload"])
        symbol = said["symbol"].strip().upper()
        words = {said[name] for name in ("side", "action", "direction") if name in said}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    closes = any(said.get(name) for name in ("reduce_only", "reduceOnly"))
    if words not in ({"BUY"}, {"SELL"}) or closes or not SYMBOL.fullmatch(symbol):
        return None
    return symbol, words.pop()


class Holdings:
    """The key that says what is held. A decision was made at some moment since the last commit: only what was known at all of
    them was surely known to it, and its commit has then compared what is held of the symbols that it chose."""

    def __init__(self, key):
        self.key = key
        self.held = {}  # symbol: value
        self.is_plain = True  # only HSET, HDEL and DEL had to do with it
        self.sum = "0"  # of the positions, as the open orders would say it; None where the key is no good
        self.was_known = False  # ever since the last commit

    def apply(self, command):
        if command[0] in ("DEL", "UNLINK") and self.key in command[1:]:
            self.held, self.is_plain = {}, True
        elif command[1:2] != [self.key]:
            return
        elif command[0] == "HSET":
            self.held.update(zip(command[2::2], command[3::2]))
        elif command[0] == "HDEL":
            self.held = {name: value for name, value in self.held.items() if name not in command[2:]}
        else:
            self.is_plain = False
        self.sum = self._sum() if self.is_plain else None

    def _sum(self):
        found = [SYMBOL.fullmatch(name) and VALUE.fullmatch(value) for name, value in self.held.items()]
        return str(sum(int(value[1] or 1) for value in found)) if all(found) and len(found) <= FIELDS_MAX else None

    def note(self, open_orders, is_commit):
        """A moment has passed, with so many open orders."""
        is_known = self.sum is not None and self.sum == open_orders
        self.was_known = is_known and (self.was_known or is_commit)

    def taken(self):
        """Each symbol that is held, with its side."""
        return {(symbol, value.split()[0]) for symbol, value in self.held.items()} if self.was_known else set()
