// An entry of the signal stream read as the contract wants it: its fate, or the candidate it becomes. A key that is there
// twice goes unnoticed: JSON.parse takes the last one and does not tell.

import { createHash } from 'node:crypto';

export const setting = (name, otherwise) => Number(process.env[name] || otherwise);

const MIN_CONFIDENCE = setting('MIN_CONFIDENCE', 0.75);
export const MAX_POSITION_USD = setting('MAX_POSITION_USD', 10000);
const MAX_LEVERAGE = setting('MAX_LEVERAGE', 125);
const USUAL_USD = 100;
const FIELDS_MAX = 64;
const NAME_MAX = 64;
const VALUE_MAX = 4096;
const DOCUMENT_MAX = 65536;
const DEPTH_MAX = 8;
const DECISION_MAX = 128;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const SYMBOL = /^[A-Z0-9_-]{3,32}$/;
const PRINTABLE = /^[ -~]*$/;
const SIDES = new Map([['BUY', 'BUY'], ['LONG', 'BUY'], ['SELL', 'SELL'], ['SHORT', 'SELL']]);
const OTHER_SIDES = new Map([['HOLD', 'hold'], ['CLOSE', 'close']]);
const NO_ID = new Set(['', '0', 'null', 'none']);
const INVALID = { fate: 'invalid' };

// A number, or text that reads as one; NaN for anything else.
export function numberOf(value) {
  if (typeof value === 'string') return NUMBER.test(value) && Number.isFinite(Number(value)) ? Number(value) : NaN;
  return typeof value === 'number' && Number.isFinite(value) ? value : NaN;
}

const optional = (value, otherwise) => (value == null ? otherwise : numberOf(value));
const isText = (value) => typeof value === 'string';
const isWord = (value, words) => isText(value) && words.includes(value.trim().toLowerCase());

function depthOf(value) {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

// The entry as an object, or null when it is beyond a bound.
function entryOf(fields) {
  if (fields.length > 2 * FIELDS_MAX) return null;
  const entry = {};
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i];
    const value = fields[i + 1];
    const most = name === 'payload' || name === 'data' ? DOCUMENT_MAX : VALUE_MAX;
    if (name.length > NAME_MAX || value.length > most || name in entry) return null;
    entry[name] = value;
  }
  return entry;
}

function signalOf(entry) {
  const text = entry.payload ?? entry.data;
  if (text === undefined) return entry;
  try {
    const signal = JSON.parse(text);
    if (typeof signal !== 'object' || signal === null || Array.isArray(signal)) return null;
    for (const name in signal) {
      if (typeof signal[name] === 'object' && depthOf(signal[name]) >= DEPTH_MAX) return null;
    }
    return signal;
  } catch {
    return null;
  }
}

function decisionOf(entry, id) {
  for (const text of [entry.correlation_id, entry.trace_id]) {
    const trimmed = (text ?? '').trim();
    if (NO_ID.has(trimmed.toLowerCase())) continue;
    const fits = trimmed.length <= DECISION_MAX && PRINTABLE.test(trimmed);
    return fits ? trimmed : createHash('sha256').update(trimmed).digest('hex');
  }
  return id;
}

function scoreOf(signal, confidence) {
  const passed = signal.rl_gate_pass === true || isWord(signal.rl_gate_pass, ['true', '1']);
  const known = isText(signal.regime) && !isWord(signal.regime, ['', 'unknown']);
  return confidence + (passed ? 0.02 : 0) + (known ? 0.01 : 0);
}

// { fate } of what is dropped, { candidate } of what is not.
export function readEntry(id, ms, sequence, fields) {
  const entry = entryOf(fields);
  const signal = entry && signalOf(entry);
  if (!signal) return INVALID;
  const confidence = numberOf(signal.confidence);
  if (confidence >= 0 && confidence < MIN_CONFIDENCE) return { fate: 'low_confidence' };
  const side = 'side' in signal ? signal.side : signal.action;
  if (!(confidence >= 0 && confidence <= 1) || !isText(signal.symbol) || !isText(side)) return INVALID;
  const symbol = signal.symbol.trim().toUpperCase();
  const word = side.trim().toUpperCase();
  const size = optional(signal.position_size_usd, USUAL_USD);
  const leverage = optional(signal.leverage, 1);
  if (!SYMBOL.test(symbol) || !(SIDES.has(word) || OTHER_SIDES.has(word))) return INVALID;
  if (!(size > 0 && size <= MAX_POSITION_USD && leverage >= 1 && leverage <= MAX_LEVERAGE)) return INVALID;
  if (OTHER_SIDES.has(word)) return { fate: OTHER_SIDES.get(word) };
  const nano = Math.round(scoreOf(signal, confidence) * 1e9);
  return {
    candidate: {
      id, ms, sequence, symbol, action: SIDES.get(word), size, leverage, confidence, nano,
      decision: decisionOf(entry, id), entry, signal,
    },
  };
}
