// Words and figures.

const MINUS = '\u2212', DASH = '\u2013';

const known = (value) => value !== null && value !== undefined;
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const count = (value) => (known(value) ? whole.format(value) : '?');
const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;
const score = (value) => (typeof value === 'number' ? value.toFixed(3) : '?');
const price = (value) => (value > 0 ? String(+value.toPrecision(7)) : DASH);

function rate(value) {
  if (typeof value !== 'number') return DASH;
  return value >= 100 ? whole.format(value) : value.toFixed(1);
}

function span(ms) {
  if (!known(ms)) return DASH;
  if (ms < 100) return `${Math.max(0, Math.round(ms))} ms`;
  if (ms < 60000) return `${(ms / 1000).toFixed(ms < 10000 ? 1 : 0)} s`;
  if (ms < 3600000) return `${Math.floor(ms / 60000)} min`;
  if (ms < 172800000) return `${Math.floor(ms / 3600000)} h`;
  return `${Math.floor(ms / 86400000)} d`;
}

function usd(value) {
  const text = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return `${value < 0 ? MINUS : value > 0 ? '+' : ''}$${text}`;
}

const clock = (ms) => (typeof ms === 'number' ? new Date(ms).toISOString().slice(11, 19) : '?');

function side(node, text) {
  klass(node, 'side');
  put(node, 'data-side', text);
  write(node, text);
}

const FATES = {
  published: 'passes', outranked: 'outranked', no_slots: 'no slot', below_super: 'below super', safe_mode: 'safe mode',
  duplicate: 'passed over', same_symbol: 'same symbol', cooldown: 'rests', symbol_held: 'held', opposite_held: 'held opposite',
  stale: 'stale', invalid: 'invalid',
};
const KINDS = [
  ['published', 'published', ['published']],
  ['outranked', 'outranked', ['outranked']],
  ['place', 'no slot, below super', ['no_slots', 'below_super']],
  ['same', 'held, same symbol, duplicate, rests', ['symbol_held', 'opposite_held', 'same_symbol', 'duplicate', 'cooldown']],
  ['safe', 'safe mode', ['safe_mode']],
  ['lost', 'stale, invalid', ['stale', 'invalid']],
];
