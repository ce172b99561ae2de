"""A world made by a seed, whose truth is known: what was decided, what came of it, and prices; as an archive keeps it."""

import hashlib
import math
import random
from datetime import datetime, timezone

DAY_MS = 86400000
MINUTE_MS = 60000
HORIZONS_MS = (MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS)
BEGIN_MS = 1768780800000  # 2026-01-19 00:00
SETTINGS = "5e77" * 16
WORLD = "open=0 inflight=0 state=capacity_ok slots=9 allowed=2 safe=0 since=0 today=0 minute=0 supers=0 rolled=0 held=known held_symbols=0"


class Archive:
    """Entries of a day after the other, written as its README says, unpacked."""

    def __init__(self, folder):
        self.folder = folder
        self.days = {}
        folder.mkdir()

    def add(self, kind, ms, fields, sequence=0):
        day = datetime.fromtimestamp(ms / 1000, timezone.utc).strftime("%Y%m%d")
        self.days.setdefault(day, []).append((ms, len(self.days[day]) if day in self.days else 0, kind, sequence, fields))

    def write(self):
        for day, entries in self.days.items():
            block = b"".join(entry(kind, f"{ms}-{sequence}", fields) for ms, _, kind, sequence, fields in sorted(entries, key=lambda e: e[:2]))
            line = f"QRA1 plain {len(block)} {len(block)} ".encode()
            checksum = hashlib.sha256(line + block).hexdigest()[:16].encode()
            (self.folder / f"{day}.qra").write_bytes(line + checksum + b"\n" + block + b"\n")
        return self.folder


def entry(kind, id, fields):
    texts = [str(text).encode() for pair in fields.items() for text in pair]
    return f"{kind} {id} {len(fields)}\n".encode() + b"".join(b"%d:%s\n" % (len(text), text) for text in texts)


class Row:
    """A candidate; `move` is what its price does within each horizon, in ten-thousandths, for one who buys."""

    def __init__(self, symbol, fate="published", side="BUY", confidence=0.9, size=100.0, move=(0, 0, 0), **more):
        self.symbol, self.fate, self.side, self.confidence, self.size, self.move = symbol, fate, side, confidence, size, move
        self.profit_bps = more.get("profit_bps")  # of its position, net; None: it stays open
        self.factor = more.get("factor", 1.0)
        self.refused = more.get("refused")  # (status, reason): it was not executed


def record(at, rows, drops="", settings=SETTINGS, world=WORLD):
    """The fields, and the ids of the intents."""
    ranked = sorted(rows, key=lambda row: row.fate != "published")
    intents, lines, tally = [], [], {}
    for n, row in enumerate(ranked, 1):
        tally[row.fate] = tally.get(row.fate, 0) + 1
        if row.fate == "published":
            intents.append(f"{at}-{n}")
        lines.append(f"{at - 1000}-{n} {row.symbol} {row.side} {row.confidence!r} {row.confidence!r} {row.size!r} 1 - {row.fate} {n} =")
    fields = {
        "v": 1, "core": 1, "cycle_id": f"c{at}", "at": at, "router": "r 0", "settings": settings, "world": world,
        "tally": " ".join(f"{fate}={count}" for fate, count in tally.items()), "drops": drops, "quiet": "empty=0",
        "intents": " ".join(intents), "rows": "\n".join(lines), "rows_left": 0, "prev": "",
    }  # fmt: skip
    return fields, dict(zip(intents, ranked))


def iso(ms):
    return datetime.fromtimestamp(ms / 1000, timezone.utc).isoformat().replace("+00:00", "Z")


def results(at, intents, ts=lambda ms: ms // 1000):
    """(ms, fields) of each."""
    for intent, row in intents.items():
        size = row.size * row.factor
        common = {"intent_id": intent, "signal_id": "", "decision_id": "", "symbol": row.symbol, "action": row.side}
        if row.refused:
            yield at + 1000, {**common, "status": row.refused[0], "reason": row.refused[1], "ts": ts(at + 1000)}
            continue
        position = {"side": row.side, "order_id": intent, "position_size_usd": size, "size_usd": size, "fee_usd": 0}
        yield at + 1000, {**common, "status": "filled", "reason": "", "ts": ts(at + 1000), **position}
        if row.profit_bps is not None:
            close = at + 14 * MINUTE_MS
            profit = {"profit_usd": size * row.profit_bps / 1e4}
            yield close, {**common, "intent_id": "", "status": "closed", "reason": "hold_time", "ts": ts(close), **position, **profit}


class Market:
    """Decisions, one after the other, with their prices: five seconds before each moment that matters."""

    def __init__(self, folder, **more):
        self.archive = Archive(folder)
        self.published = 0
        self.more = more  # what its records say beside the rows

    def decide(self, at, rows, drops="", prices=True, ts=lambda ms: ms // 1000):
        fields, intents = record(at, rows, drops, **self.more)
        self.published += len(intents)
        self.archive.add("decision", at, fields)
        for sequence, (ms, result) in enumerate(results(at, intents, ts)):
            self.archive.add("result", ms, result, sequence)
        if prices:
            self.price(at - 5000, {row.symbol: 100.0 for row in rows})
            for n, horizon in enumerate(HORIZONS_MS):
                self.price(at + horizon - 5000, {row.symbol: 100.0 * (1 + row.move[n] / 1e4) for row in rows})

    def price(self, ms, prices):
        self.archive.add("prices", ms, prices)

    def write(self):
        """Prices go on until all is over."""
        last = max(ms for entries in self.archive.days.values() for ms, *_ in entries)
        self.price(last + 16 * MINUTE_MS, {"ENDUSDT": 1.0})
        return self.archive.write()


class Truth:
    """What the world of a seed is made of: means in ten-thousandths, net where they are profits."""

    FACTORS = (1.3, 1.1, 1.0)
    CONFIDENCE = (0.75, 1.0)  # each as likely as the other

    def __init__(self, first=0.0, second=0.0, outranked=0.0, spread=60.0, shared=20.0, hit=None):
        self.means = (first, second, outranked)
        self.spread, self.shared = spread, shared
        self.hit = hit  # how often one of this confidence is right; None: as profits fall

    def hit_rate(self, mean):
        """Of profits that fall as they do around their mean."""
        return math.erfc(-mean / math.hypot(self.spread, self.shared) / math.sqrt(2)) / 2

    def questions(self):
        """What a report that saw all there ever is would answer."""
        first, second, _ = self.means
        boosted = (self.FACTORS[0] * first + self.FACTORS[1] * second) / sum(self.FACTORS[:2])
        stated = sum(self.CONFIDENCE) / 2
        hits = stated if self.hit else (self.hit_rate(first) + self.hit_rate(second)) / 2
        return {"ranks": first - second, "boosts": boosted - (first + second) / 2, "confidence": 100 * (hits - stated)}

    def veto(self):
        first, second, outranked = self.means
        return (first + second) / 2 - outranked


def walk(chance, spread):
    """Where a price that wanders stands at each horizon, the last one within that spread."""
    at, before, place = [], 0, 0.0
    for horizon in HORIZONS_MS:
        place += chance.gauss(0, spread * math.sqrt((horizon - before) / HORIZONS_MS[-1]))
        before = horizon
        at.append(place)
    return at


def world(folder, seed, truth, days=20, cycles=12, cost_bps=10.0):
    """A day's trades share what its market was like."""
    chance = random.Random(seed)
    market = Market(folder)
    for day in range(days):
        shared = walk(chance, truth.shared)
        for cycle in range(cycles):
            at = BEGIN_MS + day * DAY_MS + cycle * 30 * MINUTE_MS + 3600000
            rows = []
            for rank, mean in enumerate(truth.means):
                made = [mean + market_move + own for market_move, own in zip(shared, walk(chance, truth.spread))]
                confidence = round(chance.uniform(*truth.CONFIDENCE), 3)
                if truth.hit and (chance.random() < truth.hit(confidence)) != (made[-1] > 0):
                    made = [-bps for bps in made]
                published = rank < 2
                rows.append(Row(
                    f"S{cycle}R{rank}USDT", "published" if published else "outranked", confidence=confidence,
                    move=[bps + cost_bps for bps in made], profit_bps=made[-1] if published else None, factor=truth.FACTORS[rank],
                ))  # fmt: skip
            market.decide(at, rows, drops="low_confidence=30 invalid=2 hold=3")
    return market
