"""Reads intents, and survives: kill it, cut it off, start it again, and each decision is acted on once.

    REDIS_URL=redis://127.0.0.1:6379/0 python3 read_intents.py acted.sqlite

Put what you do in place of act(). Where this is your executor, take its group, quantum:group:execution:trade.intent,
so that the router counts what you have not finished as open.
"""
import json
import os
import sqlite3
import sys
import time

import redis

STREAM, GROUP, ME, MAX_AGE_SEC = "quantum:stream:trade.intent", "quantum:group:example", "one", 600
db = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), decode_responses=True, socket_timeout=10)
book = sqlite3.connect(sys.argv[1])
book.execute("CREATE TABLE IF NOT EXISTS acted (decision_id TEXT PRIMARY KEY, symbol TEXT, action TEXT, size_usd REAL)")


def act(intent):
    """Harmless when it comes twice, for it knows the decision's id. If you call somebody here, give him that id."""
    with book:
        row = (intent["decision_id"], intent["symbol"], intent["action"], intent["position_size_usd"])
        book.execute("INSERT OR IGNORE INTO acted VALUES (?, ?, ?, ?)", row)


def make_group():
    try:
        db.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):  # it is there, as at every start but the first
            raise


def handle(id, fields):
    if db.time()[0] - int(id.split("-")[0]) / 1000 > MAX_AGE_SEC:
        return print(f"{id} is too old", file=sys.stderr, flush=True)
    try:
        return act(json.loads(fields["payload"]))
    except (ValueError, KeyError, TypeError) as error:  # no intent, or trimmed while it was ours: told, and done with
        return print(f"{id} is not readable: {error!r}", file=sys.stderr, flush=True)


def run():
    make_group()
    after = "0"  # what was given to this name and never ACKed comes first
    while True:
        reply = db.xreadgroup(GROUP, ME, {STREAM: after}, count=10, block=2000)
        entries = reply[0][1] if reply else []
        for id, fields in entries:
            handle(id, fields)
            db.xack(STREAM, GROUP, id)  # behind what was done: a kill in between repeats, and loses nothing
        if not entries:
            after = ">"


while True:
    try:
        run()
    except redis.RedisError as error:  # it is away, it loads, it lost the group: from the beginning
        print(error, file=sys.stderr, flush=True)
        time.sleep(1)
