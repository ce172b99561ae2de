"""An entry of the signal stream read as the contract wants it: its fate, and the candidate it becomes."""

import json
import os
import re
from hashlib import sha256
from math import isfinite
from typing import NamedTuple


def setting(name, otherwise):
    return float(os.environ.get(name) or otherwise)


MIN_CONFIDENCE = setting("MIN_CONFIDENCE", 0.75)
MAX_POSITION_USD = setting("MAX_POSITION_USD", 10000)
MAX_LEVERAGE = setting("MAX_LEVERAGE", 125)
USUAL_USD = 100.0
FIELDS_MAX, NAME_MAX, VALUE_MAX, DOCUMENT_MAX, DEPTH_MAX = 64, 64, 4096, 65536, 8
DECISION_MAX = 128
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
SYMBOL = re.compile(r"[A-Z0-9_-]{3,32}")
SIDES = {"BUY": "BUY", "LONG": "BUY", "SELL": "SELL", "SHORT": "SELL"}
OTHER_SIDES = {"HOLD": "hold", "CLOSE": "close"}
NO_ID = {"", "0", "null", "none"}
DOCUMENTS = ("payload", "data")


class Candidate(NamedTuple):
    """Sorts as it ranks, the best first."""

    score: int  # at nine decimals, negative
    confidence: float  # negative
    id: tuple
    symbol: str
    side: str
    size: float
    leverage: float
    decision: str
    entry: dict
    signal: dict


class Invalid(ValueError):
    pass


def unique(pairs):
    document = dict(pairs)
    if len(document) != len(pairs):
        raise Invalid("duplicate_key")
    return document


def no_number(word):
    raise Invalid(word)


decode = json.JSONDecoder(object_pairs_hook=unique, parse_constant=no_number).decode


def number_of(value):
    """A JSON number, or text that reads as one; None for anything else."""
    if isinstance(value, str):
        value = float(value) if NUMBER.fullmatch(value) else None
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        value = None
    return value if value is not None and isfinite(value) else None


def optional(signal, name, otherwise):
    value = signal.get(name)
    return otherwise if value is None else number_of(value)


def is_word(value, words):
    return isinstance(value, str) and value.strip().lower() in words


def depth_of(value):
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list):
        return 0
    return 1 + max(map(depth_of, value), default=0)


def document_of(entry):
    """The fields of the signal; fails when the entry is beyond a bound."""
    if len(entry) > FIELDS_MAX:
        raise Invalid("too_many_fields")
    for name, value in entry.items():
        if len(name) > NAME_MAX or len(value) > (DOCUMENT_MAX if name in DOCUMENTS else VALUE_MAX):
            raise Invalid("too_long")
    text = entry.get("payload")
    if text is None:
        text = entry.get("data")
    if text is None:
        return entry
    signal = decode(text)
    if not isinstance(signal, dict):
        raise Invalid("not_an_object")
    for value in signal.values():
        if isinstance(value, (dict, list)) and depth_of(value) >= DEPTH_MAX:
            raise Invalid("too_deep")
    return signal


def decision_of(entry, entry_id):
    for name in ("correlation_id", "trace_id"):
        text = entry.get(name, "").strip()
        if text.lower() not in NO_ID:
            fits = len(text) <= DECISION_MAX and text.isascii() and text.isprintable()
            return text if fits else sha256(text.encode()).hexdigest()
    return entry_id


def side_of(signal):
    side = signal.get("side", signal.get("action"))
    if not isinstance(side, str):
        raise Invalid("side")
    side = side.strip().upper()
    if side not in SIDES and side not in OTHER_SIDES:
        raise Invalid("side")
    return side


def score_of(signal, confidence):
    passed = signal.get("rl_gate_pass") is True or is_word(signal.get("rl_gate_pass"), ("true", "1"))
    regime = signal.get("regime")
    known = isinstance(regime, str) and not is_word(regime, ("", "unknown"))
    return confidence + (0.02 if passed else 0) + (0.01 if known else 0)


def weigh(signal, entry, entry_id, moment):
    """(fate, candidate): the fate is None for a candidate."""
    confidence = number_of(signal.get("confidence"))
    sound = confidence is not None and 0 <= confidence <= 1
    if sound and confidence < MIN_CONFIDENCE:
        return "low_confidence", None
    symbol = signal.get("symbol")
    if not isinstance(symbol, str) or not SYMBOL.fullmatch(symbol := symbol.strip().upper()):
        raise Invalid("symbol")
    side = side_of(signal)
    size, leverage = optional(signal, "position_size_usd", USUAL_USD), optional(signal, "leverage", 1.0)
    if not sound:
        raise Invalid("confidence")
    if size is None or not 0 < size <= MAX_POSITION_USD or leverage is None or not 1 <= leverage <= MAX_LEVERAGE:
        raise Invalid("size or leverage")
    if side in OTHER_SIDES:
        return OTHER_SIDES[side], None
    return None, Candidate(
        -round(score_of(signal, confidence) * 1e9), -confidence, moment, symbol, SIDES[side], size, leverage,
        decision_of(entry, entry_id), entry, signal)  # fmt: skip


def read_entry(entry_id, moment, entry):
    try:
        return weigh(document_of(entry), entry, entry_id, moment)
    except ValueError:  # an Invalid, or what the decoder says
        return "invalid", None
