"""An adapter for the stream venue, and survives: kill it at any moment, and each order is placed once and answered once.

    REDIS_URL=redis://127.0.0.1:6379/0 python3 adapter.py exchange.sqlite

Put your exchange in place of Exchange: it must tell an order by the id that the client gave it.
"""
import os
import sqlite3
import sys
import time

import redis

ORDERS, ANSWERS, GROUP, ME = "quantum:stream:venue.order", "quantum:stream:venue.answer", "adapter", "one"
ANSWER = """
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])"""
db = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"), decode_responses=True, socket_timeout=10)


class Exchange:
    """One on paper."""

    def __init__(self, path):
        self.book = sqlite3.connect(path)
        self.book.execute("CREATE TABLE IF NOT EXISTS placed (id TEXT PRIMARY KEY, symbol, action, size_usd, price)")

    def find(self, id):
        return self.book.execute("SELECT price FROM placed WHERE id = ?", (id,)).fetchone()

    def place(self, id, symbol, action, size_usd, price):
        with self.book:
            self.book.execute("INSERT INTO placed VALUES (?, ?, ?, ?, ?)", (id, symbol, action, size_usd, price))


def answer_to(order):
    id, closes = order["order_id"], order["action"] == "CLOSE"
    if not exchange.find(id):  # an order that is read again may stand there already
        seconds, micros = db.time()
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{micros // 1000:03d}Z"
        if not closes and now > order["expires_at"]:
            return {"order_id": id, "status": "expired"}
        exchange.place(id, order["symbol"], order["action"], order["size_usd"], float(order["entry_price"]) or 100)
    return {"order_id": id, "status": "closed" if closes else "filled", "price": exchange.find(id)[0]}


def run():
    try:
        db.xgroup_create(ORDERS, GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):  # it is there, as at every start but the first
            raise
    after = "0"  # what was given to this name and never answered comes first
    while True:
        reply = db.xreadgroup(GROUP, ME, {ORDERS: after}, count=1, block=2000)
        entries = reply[0][1] if reply else []
        for entry, order in entries:
            if order:
                parts = [part for pair in answer_to(order).items() for part in pair]
                db.eval(ANSWER, 2, ORDERS, ANSWERS, GROUP, entry, *parts)  # the answer and the ACK at one moment
            else:
                print(f"{entry} was trimmed before it was read", file=sys.stderr, flush=True)
                db.xack(ORDERS, GROUP, entry)
        if not entries:
            after = ">"


exchange = Exchange(sys.argv[1])
while True:
    try:
        run()
    except redis.RedisError as error:  # it is away, it loads, it lost the group: from the beginning
        print(error, file=sys.stderr, flush=True)
        time.sleep(1)
