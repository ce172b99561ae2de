"""The router's job as a good Python service does it: redis-py on asyncio with the hiredis parser, batched ACKs.

    router.py PORT

Reads the signals of the stream in pages, the next one on its way while this one is looked at; drops what is too old,
below the gate or malformed and acknowledges it page by page; keeps the rest for the window; and every window decides
and commits in one script, and says in a CYCLE line what became of all of it. Rules, names and limits are the router's.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

from reading import MAX_POSITION_USD, number_of, read_entry, setting
from redis.asyncio import Redis

SIGNALS = "quantum:stream:ai.decision.made"
INTENTS = "quantum:stream:trade.intent"
OPEN_ORDERS = "quantum:state:open_orders"
SAFE_MODE = "quantum:safety:safe_mode"
DAILY = "quantum:governor:daily_trades:"
DEDUP = "quantum:dedup:trade_intent:"
GROUP, CONSUMER = "router", "ai_strategy_router"

WINDOW_SEC = setting("CANDIDATE_WINDOW_SEC", 3)
MAX_AGE_MS = setting("SIGNAL_MAX_AGE_SEC", 30) * 1000
MAX_OPEN = int(setting("MAX_OPEN_ORDERS", 10))
TARGET_OPEN = int(setting("TARGET_OPEN_ORDERS", 3))
MAX_NEW = int(setting("MAX_NEW_PER_CYCLE", 2))
SUPER_CONFIDENCE = setting("SUPER_CONFIDENCE", 0.90)
FUTURE_MAX_MS = 30000
PAGE = 500
CANDIDATES_MAX = 4000
DEDUP_SEC = 300
FACTORS = {1: 1.30, 2: 1.10}
CARRIED_NUMBERS = "entry_price stop_loss take_profit stop_loss_pct take_profit_pct trail_percent".split()
CARRIED_TEXTS = "model strategy meta_strategy regime reason".split()
CANDIDATE_FATES = "published outranked duplicate same_symbol below_super no_slots safe_mode".split()
FATES = (
    "published outranked low_confidence invalid stale hold duplicate same_symbol below_super no_slots safe_mode close"
).split()


def thin(candidates):
    """Splits a window that is full: three quarters of it stay, the best ones of all symbols before the second ones."""
    places, placed = Counter(), []
    for candidate in sorted(candidates):
        placed.append((places[candidate.symbol], candidate))
        places[candidate.symbol] += 1
    placed.sort()
    kept = CANDIDATES_MAX - CANDIDATES_MAX // 4
    return [candidate for _, candidate in placed[:kept]], [candidate for _, candidate in placed[kept:]]


def write_id(moment):
    return f"{moment[0]}-{moment[1]}"


def carried_of(signal):
    numbers = {name: number_of(signal.get(name)) for name in CARRIED_NUMBERS}
    texts = {name: signal.get(name) for name in CARRIED_TEXTS}
    return {name: value for name, value in {**numbers, **texts}.items()
            if isinstance(value, float | int) or (isinstance(value, str) and len(value) <= 256)}  # fmt: skip


def to_the_cent(amount):
    return float(Decimal(repr(amount)).quantize(Decimal("0.01"), ROUND_HALF_EVEN))


def intent_of(candidate, rank, timestamp):
    factor = FACTORS.get(rank, 1.0)
    size = min(to_the_cent(candidate.size * factor), MAX_POSITION_USD)
    return {
        **carried_of(candidate.signal),
        "v": 1,
        "symbol": candidate.symbol,
        "action": candidate.side,
        "side": candidate.side,
        "confidence": -candidate.confidence,
        "score": -candidate.score / 1e9,
        "rank": rank,
        "position_size_usd": size,
        "base_size_usd": candidate.size,
        "size_boost": size / candidate.size if size == MAX_POSITION_USD else factor,
        "leverage": candidate.leverage,
        "timestamp": timestamp,
        "source": "peer",
        "signal_id": write_id(candidate.id),
        "decision_id": candidate.decision,
    }


def allowed_by(open_orders):
    """(how many, whether only supers)"""
    count = int(open_orders) if open_orders and open_orders.isdigit() else MAX_OPEN
    slots = MAX_OPEN - count
    if slots <= 0:
        return 0, False
    if count >= TARGET_OPEN:
        return min(slots, MAX_NEW), True
    return min(TARGET_OPEN - count, slots, MAX_NEW), False


class Choice:
    """Walks down the ranks and gives each candidate its fate."""

    def __init__(self, allowed, supers_only, safe_mode, oldest_ms):
        self.allowed, self.supers_only, self.safe_mode, self.oldest_ms = allowed, supers_only, safe_mode, oldest_ms
        self.chosen, self.symbols, self.decisions = [], set(), set()

    def fate(self, candidate, is_marked):
        if candidate.id[0] < self.oldest_ms:
            return "stale"
        if self.safe_mode:
            return "safe_mode"
        if self.allowed <= 0:
            return "no_slots"
        if self.supers_only and -candidate.confidence < SUPER_CONFIDENCE:
            return "below_super"
        if is_marked or candidate.decision in self.decisions:
            return "duplicate"
        if candidate.symbol in self.symbols:
            return "same_symbol"
        self.symbols.add(candidate.symbol)
        if len(self.chosen) >= self.allowed:
            return "outranked"
        self.decisions.add(candidate.decision)
        self.chosen.append(candidate)
        return "published"


class Service:
    def __init__(self, port):
        self.reader = Redis(port=port, decode_responses=True, single_connection_client=True)
        self.writer = Redis(port=port, decode_responses=True)
        self.window = []
        self.dropped = []
        self.tally = Counter()
        self.acks = None
        self.clock_offset_ms = 0.0

    async def start(self):
        seconds, micros = await self.writer.time()
        self.clock_offset_ms = seconds * 1000 + micros / 1000 - time.monotonic() * 1000
        self.script = self.writer.register_script((Path(__file__).parent / "commit.lua").read_text())

    def now_ms(self):
        return time.monotonic() * 1000 + self.clock_offset_ms

    async def read(self):
        return await self.reader.xreadgroup(GROUP, CONSUMER, {SIGNALS: ">"}, count=PAGE, block=2000)

    def take(self, page):
        now_ms = self.now_ms()
        for entry_id, entry in page:
            milliseconds, _, sequence = entry_id.partition("-")
            moment = (int(milliseconds), int(sequence))
            fate, candidate = self.judge(entry_id, moment, entry, now_ms)
            if candidate:
                self.window.append(candidate)
            else:
                self.drop(entry_id, fate)
        if len(self.window) > CANDIDATES_MAX:
            self.window, fallen = thin(self.window)
            for candidate in fallen:
                self.drop(write_id(candidate.id), "outranked")

    def judge(self, entry_id, moment, entry, now_ms):
        if moment[0] < now_ms - MAX_AGE_MS:
            return "stale", None
        if moment[0] > now_ms + FUTURE_MAX_MS:
            return "invalid", None
        return read_entry(entry_id, moment, entry)

    def drop(self, entry_id, fate):
        self.dropped.append(entry_id)
        self.tally[fate] += 1

    async def acknowledge(self):
        """One batch on its way at a time; the next one gathers meanwhile."""
        if self.acks:
            await self.acks
        ids, self.dropped = self.dropped, []
        if ids:
            self.acks = asyncio.create_task(self.writer.xack(SIGNALS, GROUP, *ids))

    async def read_all(self):
        coming = asyncio.create_task(self.read())
        while True:
            streams = await coming
            coming = asyncio.create_task(self.read())
            await asyncio.sleep(0)  # so that the request leaves before this page is looked at
            for _, page in streams:
                self.take(page)
            await self.acknowledge()

    async def decide(self):
        candidates, self.window = sorted(self.window), []
        tally, self.tally = self.tally, Counter()
        chosen = []
        if candidates:
            open_orders, safe_mode, marked = await self.look(candidates)
            choice = Choice(*allowed_by(open_orders), safe_mode, self.now_ms() - MAX_AGE_MS)
            fates = [choice.fate(candidate, mark) for candidate, mark in zip(candidates, marked)]
            chosen = choice.chosen
            if not await self.commit(candidates, chosen, open_orders or ""):
                self.window += candidates  # the world moved: the next window decides
                fates, chosen = [], []
            tally.update(fates)
        if tally:
            self.tell(tally)

    def tell(self, tally):
        candidates = sum(tally[fate] for fate in CANDIDATE_FATES)
        fates = " ".join(f"{fate}={tally[fate]}" for fate in FATES)
        print(f"CYCLE read={tally.total()} candidates={candidates} {fates}", file=sys.stderr, flush=True)

    async def look(self, candidates):
        async with self.writer.pipeline(transaction=False) as look:
            look.get(OPEN_ORDERS).exists(SAFE_MODE)
            for candidate in candidates:
                look.exists(DEDUP + candidate.decision)
            open_orders, safe_mode, *marked = await look.execute()
        return open_orders, safe_mode, marked

    async def commit(self, candidates, chosen, open_orders):
        now = datetime.now(timezone.utc)
        timestamp = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        keys = [SIGNALS, INTENTS, OPEN_ORDERS, SAFE_MODE, DAILY + now.strftime("%Y%m%d")]
        keys += [DEDUP + candidate.decision for candidate in chosen]
        words = [GROUP, open_orders, len(chosen), DEDUP_SEC]
        for rank, candidate in enumerate(chosen, 1):
            beside = [candidate.entry.get(name, "") for name in ("trace_id", "correlation_id")]
            words += [json.dumps(intent_of(candidate, rank, timestamp)), timestamp, *beside]
        words += [write_id(candidate.id) for candidate in candidates]
        return await self.script(keys, words)

    async def decide_all(self):
        due = time.monotonic()
        while True:
            due += WINDOW_SEC
            await asyncio.sleep(max(due - time.monotonic(), 0))
            await self.decide()


async def main():
    service = Service(int(sys.argv[1]))
    await service.start()
    await asyncio.gather(service.read_all(), service.decide_all())


if __name__ == "__main__":
    asyncio.run(main())
