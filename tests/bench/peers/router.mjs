// The router's job as a good Node service does it: ioredis, pipelined, batched ACKs.
//
//     node router.mjs SOCKET
//
// Reads the signals of the stream in pages, the next one on its way while this one is looked at; drops what is too old,
// below the gate or out of shape and acknowledges it page by page; keeps the rest for the window; and every window decides
// and commits in one script, and says in a CYCLE line what became of all of it. Rules, names and limits are the router's.

import { readFileSync } from 'node:fs';
import Redis from 'ioredis';
import { MAX_POSITION_USD, numberOf, readEntry, setting } from './reading.mjs';

const SIGNALS = 'quantum:stream:ai.decision.made';
const OPEN_ORDERS = 'quantum:state:open_orders';
const INTENTS = 'quantum:stream:trade.intent';
const SAFE_MODE = 'quantum:safety:safe_mode';
const DAILY = 'quantum:governor:daily_trades:';
const DEDUP = 'quantum:dedup:trade_intent:';
const GROUP = 'router';
const CONSUMER = 'ai_strategy_router';

const WINDOW_MS = setting('CANDIDATE_WINDOW_SEC', 3) * 1000;
const MAX_AGE_MS = setting('SIGNAL_MAX_AGE_SEC', 30) * 1000;
const MAX_OPEN = setting('MAX_OPEN_ORDERS', 10);
const TARGET_OPEN = setting('TARGET_OPEN_ORDERS', 3);
const MAX_NEW = setting('MAX_NEW_PER_CYCLE', 2);
const SUPER_CONFIDENCE = setting('SUPER_CONFIDENCE', 0.9);
const FUTURE_MAX_MS = 30000;
const PAGE = 500;
const CANDIDATES_MAX = 4000;
const DEDUP_SEC = 300;
const FACTORS = { 1: 1.3, 2: 1.1 };
const CARRIED_NUMBERS = ['entry_price', 'stop_loss', 'take_profit', 'stop_loss_pct', 'take_profit_pct', 'trail_percent'];
const CARRIED_TEXTS = ['model', 'strategy', 'meta_strategy', 'regime', 'reason'];
const CANDIDATE_FATES = ['published', 'outranked', 'duplicate', 'same_symbol', 'below_super', 'no_slots', 'safe_mode'];
const FATES = ['published', 'outranked', 'low_confidence', 'invalid', 'stale', 'hold', 'duplicate', 'same_symbol',
  'below_super', 'no_slots', 'safe_mode', 'close'];

class Tally extends Map {
  add(fate) {
    this.set(fate, this.of(fate) + 1);
  }

  of(fate) {
    return this.get(fate) ?? 0;
  }

  sum(fates) {
    return fates.reduce((sum, fate) => sum + this.of(fate), 0);
  }
}

// Negative when a ranks before b.
function compare(a, b) {
  return b.nano - a.nano || b.confidence - a.confidence || a.ms - b.ms || a.sequence - b.sequence;
}

// Splits a window that is full: three quarters of it stay, the best ones of all symbols before the second ones.
function thin(candidates) {
  const places = new Map();
  const placed = candidates.sort(compare).map((candidate) => {
    const place = places.get(candidate.symbol) ?? 0;
    places.set(candidate.symbol, place + 1);
    return { place, candidate };
  });
  placed.sort((a, b) => a.place - b.place); // stable: by rank among equals
  const ordered = placed.map(({ candidate }) => candidate);
  const kept = CANDIDATES_MAX - CANDIDATES_MAX / 4;
  return [ordered.slice(0, kept), ordered.slice(kept)];
}

function carriedOf(signal) {
  const carried = {};
  for (const name of CARRIED_NUMBERS) {
    const number = numberOf(signal[name]);
    if (!Number.isNaN(number)) carried[name] = number;
  }
  for (const name of CARRIED_TEXTS) {
    if (typeof signal[name] === 'string' && signal[name].length <= 256) carried[name] = signal[name];
  }
  return carried;
}

// Half to even, of the shortest decimal form: 197.925 is 197.92.
function toTheCent(amount) {
  const [whole, part = ''] = String(amount).split('.');
  const cents = Number(whole + part.slice(0, 2).padEnd(2, '0'));
  const rest = Number(`0.${part.slice(2) || 0}`);
  return (cents + (rest > 0.5 || (rest === 0.5 && cents % 2 === 1) ? 1 : 0)) / 100;
}

function intentOf(candidate, rank, timestamp) {
  const factor = FACTORS[rank] ?? 1;
  const size = Math.min(toTheCent(candidate.size * factor), MAX_POSITION_USD);
  return JSON.stringify({
    ...carriedOf(candidate.signal),
    v: 1,
    symbol: candidate.symbol,
    action: candidate.action,
    side: candidate.action,
    confidence: candidate.confidence,
    score: candidate.nano / 1e9,
    rank,
    position_size_usd: size,
    base_size_usd: candidate.size,
    size_boost: size === MAX_POSITION_USD ? size / candidate.size : factor,
    leverage: candidate.leverage,
    timestamp,
    source: 'peer',
    signal_id: candidate.id,
    decision_id: candidate.decision,
  });
}

function allowedBy(openOrders) {
  const count = /^\d+$/.test(openOrders ?? '') ? Number(openOrders) : MAX_OPEN;
  const slots = MAX_OPEN - count;
  if (slots <= 0) return { allowed: 0, supersOnly: false };
  if (count >= TARGET_OPEN) return { allowed: Math.min(slots, MAX_NEW), supersOnly: true };
  return { allowed: Math.min(TARGET_OPEN - count, slots, MAX_NEW), supersOnly: false };
}

// Walks down the ranks and gives each candidate its fate.
class Choice {
  constructor({ allowed, supersOnly }, safeMode, oldestMs) {
    Object.assign(this, { allowed, supersOnly, safeMode, oldestMs });
    this.chosen = [];
    this.symbols = new Set();
    this.decisions = new Set();
  }

  fate(candidate, isMarked) {
    if (candidate.ms < this.oldestMs) return 'stale';
    if (this.safeMode) return 'safe_mode';
    if (this.allowed <= 0) return 'no_slots';
    if (this.supersOnly && candidate.confidence < SUPER_CONFIDENCE) return 'below_super';
    if (isMarked || this.decisions.has(candidate.decision)) return 'duplicate';
    if (this.symbols.has(candidate.symbol)) return 'same_symbol';
    this.symbols.add(candidate.symbol);
    if (this.chosen.length >= this.allowed) return 'outranked';
    this.decisions.add(candidate.decision);
    this.chosen.push(candidate);
    return 'published';
  }
}

class Service {
  constructor(socket) {
    const lua = readFileSync(new URL('commit.lua', import.meta.url), 'utf8');
    this.reader = new Redis(socket);
    this.writer = new Redis(socket, { scripts: { commit: { lua } } });
    this.window = [];
    this.dropped = [];
    this.tally = new Tally();
    this.clockOffsetMs = 0;
  }

  async start() {
    const [seconds, micros] = await this.writer.time();
    this.clockOffsetMs = Number(seconds) * 1000 + Number(micros) / 1000 - performance.now();
  }

  nowMs() {
    return performance.now() + this.clockOffsetMs;
  }

  read() {
    return this.reader.xreadgroup('GROUP', GROUP, CONSUMER, 'COUNT', PAGE, 'BLOCK', 2000, 'STREAMS', SIGNALS, '>');
  }

  take(page) {
    const nowMs = this.nowMs();
    for (const [id, fields] of page) {
      const { fate, candidate } = Service.judge(id, fields, nowMs);
      if (candidate) this.window.push(candidate);
      else this.drop(id, fate);
    }
    if (this.window.length > CANDIDATES_MAX) {
      const [kept, fallen] = thin(this.window);
      this.window = kept;
      for (const candidate of fallen) this.drop(candidate.id, 'outranked');
    }
  }

  static judge(id, fields, nowMs) {
    const dash = id.indexOf('-');
    const ms = Number(id.slice(0, dash));
    if (ms < nowMs - MAX_AGE_MS) return { fate: 'stale' };
    if (ms > nowMs + FUTURE_MAX_MS) return { fate: 'invalid' };
    return readEntry(id, ms, Number(id.slice(dash + 1)), fields);
  }

  drop(id, fate) {
    this.dropped.push(id);
    this.tally.add(fate);
  }

  // One batch on its way at a time; the next one gathers meanwhile.
  async acknowledge() {
    await this.acks;
    if (this.dropped.length === 0) return;
    this.acks = this.writer.xack(SIGNALS, GROUP, ...this.dropped);
    this.dropped = [];
  }

  async readAll() {
    for (let coming = this.read(); ;) {
      const streams = await coming;
      coming = this.read();
      for (const [, page] of streams ?? []) this.take(page);
      await this.acknowledge();
    }
  }

  async decide() {
    const candidates = this.window.sort(compare);
    const { tally } = this;
    this.window = [];
    this.tally = new Tally();
    if (candidates.length > 0) {
      const [openOrders, safeMode, ...marked] = await this.look(candidates);
      const choice = new Choice(allowedBy(openOrders), safeMode, this.nowMs() - MAX_AGE_MS);
      const fates = candidates.map((candidate, i) => choice.fate(candidate, marked[i]));
      if (await this.commit(candidates, choice.chosen, openOrders ?? '')) fates.forEach((fate) => tally.add(fate));
      else this.window.push(...candidates); // the world moved: the next window decides
    }
    if (tally.size > 0) Service.tell(tally);
  }

  static tell(tally) {
    const fates = FATES.map((fate) => `${fate}=${tally.of(fate)}`).join(' ');
    console.error(`CYCLE read=${tally.sum(FATES)} candidates=${tally.sum(CANDIDATE_FATES)} ${fates}`);
  }

  async look(candidates) {
    const look = this.writer.pipeline().get(OPEN_ORDERS).exists(SAFE_MODE);
    for (const candidate of candidates) look.exists(DEDUP + candidate.decision);
    return (await look.exec()).map(([error, value]) => {
      if (error) throw error;
      return value;
    });
  }

  commit(candidates, chosen, openOrders) {
    const timestamp = new Date().toISOString();
    const keys = [SIGNALS, INTENTS, OPEN_ORDERS, SAFE_MODE, DAILY + timestamp.slice(0, 10).replaceAll('-', '')];
    const words = [GROUP, openOrders, chosen.length, DEDUP_SEC];
    chosen.forEach((candidate, i) => {
      keys.push(DEDUP + candidate.decision);
      words.push(intentOf(candidate, i + 1, timestamp), timestamp,
        candidate.entry.trace_id ?? '', candidate.entry.correlation_id ?? '');
    });
    return this.writer.commit(keys.length, ...keys, ...words, ...candidates.map(({ id }) => id));
  }

  decideAll() {
    setInterval(() => this.decide(), WINDOW_MS);
  }
}

const service = new Service(process.argv[2]);
await service.start();
service.decideAll();
await service.readAll();
