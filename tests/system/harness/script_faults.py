"""What a key of a script can be beside what it should be: of every other type, and of every unsound value.

A fault is a function that makes it so, for a key that stands in a sound world already. It keeps the time to live
that the key has, so that nothing else is another.
"""

import functools

LONG = "x" * 100_000
ALL_TYPES = {
    "string": lambda db, key: db.set(key, "x"),
    "list": lambda db, key: db.rpush(key, "x"),
    "set": lambda db, key: db.sadd(key, "x"),
    "zset": lambda db, key: db.zadd(key, {"x": 1}),
    "hash": lambda db, key: db.hset(key, "x", "1"),
    "stream": lambda db, key: db.xadd(key, {"x": "1"}),
}
# Numbers that are no canonical count, and texts that are none.
COUNTS = ("1.5", "nan", "inf", "-1", "+5", "05", " 3", "3 ", "1e3", "0x10", "9007199254740993",
          "9223372036854775807", "9223372036854775808", "9" * 400, "", "x" * 100, LONG, "1\0", "\xff\n")  # fmt: skip
TEXTS = ("", "0", "x" * 100, LONG, "\xff\n\0")
OTHER_SIDE = '{"symbol":"BTC","side":7}'
# Positions that are none: what no JSON is, or JSON of another shape.
POSITIONS = ("", "x", "null", "1", "[]", "{}", '{"symbol":1}', '{"symbol":null}', OTHER_SIDE,
             '{"symbol":"BTC"}', "[" * 2000, '{"symbol":"BTC","side":"BUY"', LONG)  # fmt: skip
LAST_MS = "18446744073709551615"


def shown(value):
    """The name of a value as a fault."""
    return value if value and len(value) <= 20 and value.isprintable() else f"{value[:8]!r}×{len(value)}"


def of_type(kind, db, key):
    db.delete(key)
    ALL_TYPES[kind](db, key)


def of_text(value, db, key):
    # As a rate has it, a value set by hand keeps its time to live, or has one.
    left = db.pttl(key)
    db.set(key, value.encode("latin-1"), px=left if left > 0 else 60_000 if left == -2 else None)


def of_field(field, value, db, key):
    db.hset(key, field, value.encode("latin-1"))


def with_group(change, group, db, key):
    change(db, key, group)


def texts(values):
    return {shown(value): functools.partial(of_text, value) for value in values}


def fields(names, values):
    return {f"{name}={shown(value)}": functools.partial(of_field, name, value) for name in names for value in values}


def without(names):
    return {f"without {name}": lambda db, key, name=name: db.hdel(key, name) for name in names}


def counter():
    return texts(COUNTS)


def rate():
    return {**texts(COUNTS), "for ever": lambda db, key: db.set(key, "4"), "too long": lambda db, key: db.set(key, "4", ex=7200)}


def text():
    return texts(TEXTS)


def record(**names):
    """A hash whose fields are counts or texts: name=COUNTS."""
    found = without(names)
    for name, values in names.items():
        found.update(fields([name], values))
    return found


def positions():
    return {
        **fields(["5-0"], POSITIONS),
        **fields(["no id", LONG], POSITIONS[:1]),
        "ten thousand": lambda db, key: db.hset(key, mapping={f"{n}-1": "x" for n in range(10_000)}),
    }


def output():
    """A stream that something is added to."""
    return {
        "empty": lambda db, key: [db.xadd(key, {"x": "1"}), db.xtrim(key, maxlen=0)],
        "at its last id": lambda db, key: db.xadd(key, {"x": "1"}, id=f"{LAST_MS}-{LAST_MS}"),
        "at its last ms": lambda db, key: db.xadd(key, {"x": "1"}, id=f"{LAST_MS}-0"),
    }


def pending(group):
    """A stream of which an entry is pending for a group."""
    return {
        "no group": lambda db, key: db.xgroup_destroy(key, group),
        "nothing pending": lambda db, key: [db.xgroup_destroy(key, group), db.xgroup_create(key, group, id="$")],
        "entries deleted": lambda db, key: db.xtrim(key, maxlen=0),
        "group at the last id": lambda db, key: db.xgroup_setid(key, group, f"{LAST_MS}-{LAST_MS}"),
    }


def faults_of(kind, special):
    """All of a key of this type: gone, of every other type, and what is special about it."""
    types = {other: functools.partial(of_type, other) for other in ALL_TYPES if other != kind}
    return {"gone": lambda db, key: db.delete(key), **types, **special}
