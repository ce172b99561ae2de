"""A steady flow of intents: how long each takes from its publication to its confirmed end in the executor."""

import time

from harness.executor import intent
from harness.names import EXECUTORS, INTENTS, RESULTS
from harness.waiting import wait_until
from row import at_most
from stage import Stage

RATE = 300
STEP = 20  # in one round trip
SYMBOLS = 50


def publish(db, seconds):
    """Many times what a router publishes; the rate over all drops most, as it must."""
    began = time.monotonic()
    for step in range(1, RATE * seconds // STEP + 1):
        pipe = db.pipeline(transaction=False)
        for number in range(STEP):
            pipe.xadd(INTENTS, intent(f"S{(step * STEP + number) % SYMBOLS}USDT"))
        pipe.execute()
        time.sleep(max(0, began + step * STEP / RATE - time.monotonic()))


def has_group(db):
    return db.exists(INTENTS) and any(group["name"] == EXECUTORS for group in db.xinfo_groups(INTENTS))


def moment(entry_id):
    return int(entry_id.split("-")[0])


def ended(programs, size):
    seconds = min(size.steady_sec, 60)  # all results are still there
    row = at_most("ended", f"{RATE} intents a second: published → ended, p99", 1000, "ms")
    with Stage(programs) as stage, stage.process([programs["quantum-executor"]], TRADE_INTENT_SAFE_DRAIN="false"):
        wait_until("the executor's group", lambda: has_group(stage.db))
        publish(stage.db, seconds)
        wait_until("the end of each", lambda: stage.db.xlen(RESULTS) >= RATE * seconds)
        delays = sorted(moment(at) - moment(told["intent_id"]) for at, told in stage.db.xrange(RESULTS) if told["intent_id"])
    row.add(delays[len(delays) * 99 // 100])
    row.details = {"intents": len(delays), "p50": delays[len(delays) // 2], "worst": delays[-1]}
    return [row]
