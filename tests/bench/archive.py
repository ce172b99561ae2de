"""What a report and a replay of a long archive cost: their time, and how much is resident.

The archive is what `quantumctl archive` leaves of a router that reads some thirty signals a window, of which each tenth has room for
two orders: the signals, the decisions as a router writes them, results and prices.
"""

import hashlib
import itertools
import os
import random
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import zstandard
from harness.names import DECISIONS, SETTINGS
from row import at_most
from stage import Stage
from whole import run_whole

CANDIDATES = 10
RECORDS = 20000  # at once in Redis
ROOM = 10
SIGNALS = 30
PAYLOADS = 20000
BLOCK_BYTES = 256 << 10
SYMBOLS = 40
PRICES_EVERY_MS = 10000
HELD_MS = 600000
SECONDS_MAX, RESIDENT_MIB_MAX = 60, 64
ASKED = {
    "report": ["report", "--since=2000-01-01"],
    "replay": ["replay"],
    "what if": ["replay", "--set=capacity.max_new_per_cycle=3"],
}


class Days:
    """Files of a day each, in blocks."""

    def __init__(self, folder, packs):
        self.folder, self.packer = folder, zstandard.ZstdCompressor(level=3) if packs else None
        self.day, self.entries, self.length, self.written = None, [], 0, 0
        folder.mkdir()

    def add(self, kind, ms, texts, sequence=0):
        day = ms // 86400000
        if self.length >= BLOCK_BYTES or day != self.day:
            self.close_block()
            self.day = day
        self.entries.append(b"%s %d-%d %d\n" % (kind, ms, sequence, len(texts) // 2))
        self.entries += [b"%d:%s\n" % (len(text), text) for text in texts]
        self.length += sum(map(len, texts))

    def add_raw(self, entries):
        self.entries.append(entries)
        self.length += len(entries)

    def close_block(self):
        block = b"".join(self.entries)
        self.entries, self.length = [], 0
        if not block:
            return
        stored = self.packer.compress(block) if self.packer else block
        line = b"QRA1 %s %d %d " % (b"zstd" if self.packer else b"plain", len(stored), len(block))
        checksum = hashlib.sha256(line + stored).hexdigest()[:16].encode()
        name = datetime.fromtimestamp(self.day * 86400, timezone.utc).strftime("%Y%m%d.qra")
        with open(self.folder / name, "ab") as file:
            self.written += file.write(line + checksum + b"\n" + stored + b"\n")


def results(at, record):
    """Two of three were executed and closed."""
    fields = dict(zip(record[::2], record[1::2]))
    rows = [row.split(b" ") for row in fields[b"rows"].split(b"\n")]
    published = [row for row in rows if row[8] == b"published"]
    for number, (intent, row) in enumerate(zip(fields[b"intents"].split(), published)):
        common = [b"signal_id", row[0], b"symbol", row[1], b"action", row[2], b"reason", b"", b"fee_usd", b"0.1"]
        position = [b"side", row[2], b"order_id", intent, b"position_size_usd", row[5], b"ts"]
        if at // 1000 % 3 == 0:
            yield at + 500, number, [b"intent_id", intent, b"status", b"rejected", *common, b"ts", b"%d" % (at // 1000)]
            continue
        close = at + HELD_MS
        yield at + 500, number, [b"intent_id", intent, b"status", b"filled", *common, *position, b"%d" % (at // 1000)]
        profit = b"%.2f" % (hash(intent) % 2001 / 100 - 10)
        yield close, number, [b"intent_id", b"", b"status", b"closed", *common, b"profit_usd", profit, *position, b"%d" % (close // 1000)]


def signal_texts():
    """As an engine writes them, behind their ids."""
    chance = random.Random(1)
    for number in range(PAYLOADS):
        payload = (
            f'{{"symbol":"COIN{number % SYMBOLS}USDT","side":"{chance.choice(("BUY", "SELL"))}","confidence":{chance.uniform(0.4, 0.95):.4f},'
            f'"position_size_usd":{chance.randrange(50, 900)},"leverage":3,"entry_price":{chance.uniform(90, 150):.4f},"stop_loss":'
            f'{chance.uniform(80, 90):.4f},"take_profit":{chance.uniform(150, 180):.4f},"regime":"bull","rl_gate_pass":true,"model":"engine-7"}}'
        )  # fmt: skip
        yield b"-%d 1\n7:payload\n%d:%s\n" % (number % SIGNALS, len(payload), payload.encode())


class Writer:
    def __init__(self, folder, packs, settings):
        self.days, self.settings = Days(folder, packs), settings
        self.signals = [*signal_texts()]
        self.waiting, self.priced_ms, self.records = [], 0, 0

    def take(self, at, record):
        """With what came before it, and what comes of it later."""
        if at // 86400000 != self.days.day:
            self.days.add(b"settings", at, self.settings)
        while at >= self.priced_ms + PRICES_EVERY_MS:
            self.priced_ms = at - at % PRICES_EVERY_MS
            prices = ((b"COIN%dUSDT" % n, b"%.4f" % (100 + n + (at // 10000 * (n + 7)) % 1000 / 1000)) for n in range(SYMBOLS))
            self.days.add(b"prices", self.priced_ms, [text for pair in prices for text in pair])
        first = self.records * SIGNALS % (PAYLOADS - SIGNALS)
        self.days.add_raw(b"".join(b"signal %d%s" % (at - 500, text) for text in self.signals[first : first + SIGNALS]))
        self.days.add(b"decision", at, record)
        self.records += 1
        self.waiting = sorted([*self.waiting, *results(at, record)], key=lambda result: result[:2])
        over = list(itertools.takewhile(lambda result: result[0] <= at, self.waiting))
        for ms, number, texts in over:
            self.days.add(b"result", ms, texts, number)
        del self.waiting[: len(over)]


def make(stage, folder, most_bytes, packs=True):
    """So many bytes, packed; how many records."""
    raw = stage.redis.raw
    writer = None
    for part in itertools.count():
        stage.run("bench-records", stage.redis.port, DECISIONS, SETTINGS, RECORDS, CANDIDATES, part, part * RECORDS, ROOM)
        if not writer:
            writer = Writer(folder, packs, [text for pair in raw.hgetall(SETTINGS).items() for text in pair])
        for id, fields in raw.xrange(DECISIONS):
            writer.take(int(id.split(b"-")[0]), [text for pair in fields.items() for text in pair])
            if writer.days.written >= most_bytes:
                writer.days.close_block()
                return writer.records
        raw.delete(DECISIONS)
    return None


def archive(programs, size):
    """Of so many bytes, packed: some five times as much is read."""
    rows, what = [], f"{size.archive_mib:,} MiB of archive"
    with tempfile.TemporaryDirectory(prefix="quantum-bench-") as parent, Stage(programs) as stage:
        folder = Path(parent) / "archive"
        records = make(stage, folder, size.archive_mib << 20)
        for name, words in ASKED.items():
            seconds = at_most("archive", f"{name} over {what}", SECONDS_MAX, "s")
            resident = at_most("archive", f"{name} over {what}: resident at most", RESIDENT_MIB_MAX, "MiB")
            whole = run_whole([programs["quantumctl"], *words, f"--archive={folder}"], env={"PATH": os.environ["PATH"]})
            seconds.add(whole.seconds)
            resident.add(whole.resident_mib)
            seconds.details = {"records": records, "cpu_sec": whole.cpu_sec}
            rows += [seconds, resident]
    return rows
