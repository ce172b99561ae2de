"""The records of decisions, held against what stands beside them: intents, marks, ACKs, and what the router says of its cycles."""

import json
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

FIELDS = ["v", "core", "cycle_id", "at", "router", "settings", "world", "tally", "drops", "quiet", "intents", "rows", "rows_left", "prev", "sizes"]
ROWS_MAX = 65536


class Row(NamedTuple):
    id: str
    symbol: str
    side: str
    confidence: str
    score: str
    size_usd: str
    leverage: str
    flags: str
    fate: str
    rank: str
    decision_id: str

    @property
    def decision(self):
        return self.id if self.decision_id == "=" else unquote(self.decision_id)


def rows_of(fields):
    return [Row(*line.split(" ")) for line in fields["rows"].split("\n")]


def counts_of(text):
    return {name: int(number) for name, _, number in (word.partition("=") for word in text.split(" "))}


def digest_of(fields):
    """Names and values in their order, as bytes."""
    pairs = [text.encode() for pair in fields.items() for text in pair]
    return sha256(b"".join(b"%d:%s" % (len(text), text) for text in pairs)).hexdigest()


def as_told(number):
    """A payload has fifteen digits of it."""
    return float(f"{float(number):.15g}")


def intent_of_row(row):
    """What its intent must say."""
    numbers = as_told(row.confidence), as_told(row.score), int(row.rank), as_told(row.size_usd), as_told(row.leverage)
    return (row.id, row.decision, row.symbol, row.side, *numbers)


def said_by(payload):
    said = json.loads(payload)
    names = ("signal_id", "decision_id", "symbol", "action", "confidence", "score", "rank", "base_size_usd", "leverage")
    return tuple(said[name] for name in names)


def size_said_by(payload):
    said = json.loads(payload)
    return said["position_size_usd"], said["size_boost"]


def check_against_commit(fields, commit, intents, acked):
    """A record, and what its commit wrote beside it: the hash, the intents as (id, fields), the ids that it ACKed."""
    cycle = fields["cycle_id"]
    assert list(fields)[: len(FIELDS)] == FIELDS, f"{cycle} has the fields {list(fields)}"
    assert cycle == commit["cycle_id"], f"{cycle} of {commit['cycle_id']}"
    assert fields["intents"] == commit["intents"] == " ".join(id for id, _ in intents), f"other intents in the record of {cycle}"
    rows, tally, left = rows_of(fields), counts_of(fields["tally"]), int(fields["rows_left"])
    ids = {row.id for row in rows}
    assert len(fields["rows"]) <= ROWS_MAX, f"the rows of {cycle} are too long"
    assert len(ids) == len(rows) == len(acked) - left and ids <= acked, f"{cycle} has {len(rows)} rows, {left} left, ACKed {len(acked)}"
    assert sum(tally.values()) == len(acked), f"{cycle} counts {tally}, and ACKed {len(acked)}"
    assert tally["published"] == len(intents), f"{cycle} counts {tally}, and published {len(intents)}"
    for fate, count in tally.items():
        assert left or count == sum(row.fate == fate for row in rows), f"{cycle} counts {tally}, and not its rows"
    published = [intent_of_row(row) for row in rows if row.fate == "published"]
    said = [said_by(entry["payload"]) for _, entry in intents]
    differ = next((pair for pair in zip(published, said) if pair[0] != pair[1]), None)
    assert not differ and (left or len(published) == len(said)), f"{cycle}: {len(published)} rows, {len(said)} intents, {differ}"
    sizes = [tuple(as_told(number) for number in line.split(" ")) for line in fields["sizes"].split("\n") if line]
    assert sizes == [size_said_by(entry["payload"]) for _, entry in intents][: len(published)], f"{cycle}: other sizes than its intents"


class Chain:
    """The entries of the stream in their order: each names the one before, or none."""

    def __init__(self):
        self.records = {}
        self.gaps = 0
        self.last = None

    def add(self, id, fields):
        if "prev" in fields:
            assert fields["prev"] in ("", self.last), f"{id} follows {self.last}, and names {fields['prev']}"
            self.gaps += fields["prev"] == ""
            self.records[id] = {name: fields[name] for name in ("tally", "drops")}
        self.last = digest_of(fields)

    def end(self):
        """The stream is gone: the next one is the first."""
        self.last = None


def check_against_cycles(cycles, records):
    """What a router says of its cycles, line by line as {name: number or text}: until one names its record all that is told
    is what the record counts. A cycle with candidates and without a record ends that."""
    told = {}
    for cycle in cycles:
        numbers = {name: number for name, number in cycle.items() if isinstance(number, int)}
        if told is not None:
            told = {name: told.get(name, 0) + number for name, number in numbers.items()}
        fields = records.get(cycle.get("record"))
        if fields and told:
            counted = dict.fromkeys(told, 0)
            for text in (fields["tally"], fields["drops"]):
                for name, number in counts_of(text).items():
                    counted[name] += number
            known = {name: number for name, number in told.items() if name not in ("read", "candidates")}
            assert {name: counted[name] for name in known} == known, f"{cycle} tells {known}, and its record {fields['tally']} and {fields['drops']}"
        if "record" in cycle:
            told = {}
        elif numbers["candidates"] > 0:
            told = None
