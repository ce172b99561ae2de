"""Writes signals, and survives: kill it, cut it off, start it again, and the router publishes each decision once.

    REDIS_URL=redis://127.0.0.1:6379/0 python3 write_signals.py decisions.jsonl

Each line of the file is a decision: {"id": "d-1", "at": "2026-01-19T12:00:00Z", "symbol": "BTCUSDT", "side": "BUY",
"confidence": 0.95, ...}. How far it came stands in decisions.jsonl.sent. Killed between writing a signal and noting that,
it writes the signal once more: under the same correlation_id, by which the router knows it. `at` becomes the signal's own
timestamp, so that one which waited here for too long is not traded as a fresh one.
"""
import json
import os
import sys
import time

import redis

STREAM, KEPT = "quantum:stream:ai.decision.made", 100000
FILE, SENT = sys.argv[1], sys.argv[1] + ".sent"
db = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), socket_timeout=5)


def where_it_was():
    if not os.path.exists(SENT):
        return 0
    with open(SENT, encoding="ascii") as note:
        return int(note.read() or 0)


def write(line):
    try:
        decision = json.loads(line)
        id, at = str(decision.pop("id")), decision.pop("at")
    except (ValueError, KeyError, TypeError, AttributeError) as error:  # no decision: the next try would find no more in it
        return print(f"passed over: {line!r}: {error!r}", file=sys.stderr, flush=True)
    fields = {"payload": json.dumps({**decision, "timestamp": at}), "correlation_id": id, "timestamp": at}
    return db.xadd(STREAM, fields, maxlen=KEPT, approximate=True)


def note(place):
    with open(SENT + ".new", "w", encoding="ascii") as note:
        note.write(str(place))
    os.replace(SENT + ".new", SENT)


def follow(file):
    file.seek(where_it_was())
    while True:
        line = file.readline()
        if line.endswith(b"\n"):
            write(line)
            note(file.tell())
        else:  # the end, or a line that is not whole yet
            file.seek(-len(line), os.SEEK_CUR)
            time.sleep(0.1)


while True:
    try:
        with open(FILE, "rb") as file:
            follow(file)
    except (redis.RedisError, FileNotFoundError) as error:  # it is away, it loads, it refuses: the same line again
        print(error, file=sys.stderr, flush=True)
        time.sleep(1)
