'use strict';
// Asks once a second and draws what came. Everything from outside becomes text, never markup.

const $ = (id) => document.getElementById(id);
const MINUS = '\u2212', DASH = '\u2013';
// Told within 3 s: a server that is silent for so long, looked at so often; and figures that are so old.
const POLL_MS = 1000, GIVE_UP_MS = 2400, SILENT_MS = 2500, LOOK_MS = 250, OLD_MS = 3500;

// --- the document, changed only where something is different

function make(name, className) {
  const node = document.createElement(name);
  if (className) node.className = className;
  return node;
}

function write(node, text) {
  text = String(text);
  if (node.textContent === text) return false;
  node.textContent = text;
  return true;
}

// The same, seen for a moment where it was something else before.
function tell(node, text) {
  const before = node.textContent;
  if (!write(node, text) || before === '') return;
  node.classList.remove('flash');
  void node.offsetWidth;
  node.classList.add('flash');
}

function put(node, name, value) {
  if (value === null || value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

function klass(node, name) {
  if (node.className !== name) node.className = name;
}

// As many children as there are items: those that are there are used again.
function fill(parent, items, build, update) {
  while (parent.children.length > items.length) parent.lastElementChild.remove();
  while (parent.children.length < items.length) parent.append(build());
  items.forEach((item, i) => update(parent.children[i], item, i));
}

function pairs(list, items) {
  fill(list, items, () => {
    const pair = make('div');
    pair.append(make('dt'), make('dd'));
    return pair;
  }, (pair, [name, value, state, href]) => {
    write(pair.children[0], name);
    put(pair, 'data-state', state);
    const dd = pair.children[1];
    if (state) {
      if (!dd.firstElementChild) dd.append(shape(), make('a'));
      draw(dd.children[0], state);
      put(dd.children[1], 'href', href);
      tell(dd.children[1], value);
    } else tell(dd, value);
  });
}

// --- shapes: the second cue beside each colour

const SHAPES = {
  ok: 'M8 .5a7.5 7.5 0 1 1 0 15a7.5 7.5 0 0 1 0-15Z M4 8.2 6.9 11.1 12.1 5.9 10.9 4.7 6.9 8.7 5.2 7Z',
  target: 'M2 2h4v12H2Z M10 2h4v12h-4Z',
  full: 'M1.5 1.5h13v13h-13Z',
  unknown: 'M8 .5 15.5 8 8 15.5 .5 8Z M7.1 4v5h1.8V4Z M7.1 10.4v1.8h1.8v-1.8Z',
  halt: 'M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5Z M4 6.900v2.200h8V6.900Z',
  warning: 'M8 1 15.5 15H.5Z M7.2 6v4.500h1.600V6Z M7.2 11.700v1.600h1.600v-1.600Z',
  critical: 'M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5Z M7.1 3.500v5.500h1.800V3.500Z M7.1 10.600v1.900h1.800v-1.900Z',
  none: 'M8 1.500a6.5 6.5 0 1 1 0 13a6.5 6.5 0 0 1 0-13Z M8 4a4 4 0 1 0 0 8a4 4 0 0 0 0-8Z',
  done: 'M2 8.5 6.2 12.8 14 4.2 12.4 2.8 6.1 9.7 3.5 7Z',
};

function shape() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('fill', 'currentColor');
  path.setAttribute('fill-rule', 'evenodd');
  svg.append(path);
  return svg;
}

function draw(svg, name) {
  put(svg.firstElementChild, 'd', SHAPES[name] || SHAPES.none);
}

// --- words and figures

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

// --- the state

const STATES = {
  CAPACITY_OK: ['ok', 'Open'], TARGET_REACHED: ['target', 'Target reached'], SUPER_SIGNAL_BYPASS: ['target', 'Target reached'],
  CAPACITY_FULL: ['full', 'Full'], CAPACITY_UNKNOWN: ['unknown', 'Unknown'], CAPACITY_UNPARSEABLE: ['unknown', 'Unreadable'],
};

// Redis came back with an older state: one of the two waits for an operator.
function isRolledBack(status) {
  return Object.values(status.past || {}).some((one) => one && one.rolled_back === true);
}

function stateOf(status) {
  if (status.safe_mode && status.safe_mode.set) return ['halt', 'Halted'];
  if (isRolledBack(status)) return ['halt', 'Rolled back'];
  const word = ((status.capacity || {}).state || '').split(/[ :]/)[0];
  return STATES[word] || ['none', word || 'Not known'];
}

function stateSays(status, rules) {
  if ((status.safe_mode || {}).set) return 'Safe mode is on: nothing is published, nothing is opened.';
  if (isRolledBack(status)) return 'Redis lacks what was written last. To let it go on: quantumctl resume.';
  const says = policySays(status.capacity || {}, rules);
  return (status.leader || {}).instance ? says : `No router leads, so nothing is published. ${says}`;
}

// What the policy makes of the open orders now.
function policySays(capacity, rules) {
  if (!known(capacity.open_orders)) return `Nothing passes: ${(capacity.state || 'the capacity is not known').replace(/^\w+: /, '')}`;
  const flight = capacity.in_flight ? ` and ${count(capacity.in_flight)} in flight` : '';
  const open = `${count(capacity.open_orders)} open${flight} of ${count(rules.max_open)}`;
  const allowed = capacity.allowed_in_a_cycle;
  if (!allowed) return `${open}: nothing passes now.`;
  if (capacity.supers_only) return `${open}: only signals of confidence ${rules.super_confidence} and above, ${count(allowed)} a cycle.`;
  return `${open}: the best ${allowed === 1 ? 'one' : count(allowed)} of each window ${allowed === 1 ? 'passes' : 'pass'}.`;
}

const HEALTH = { ok: 'ok', warning: 'warning', critical: 'critical', unknown: 'unknown' };

function drawState(state, status, rules) {
  const [name, word] = stateOf(status);
  const leader = status.leader || {}, findings = status.findings || [];
  put($('state'), 'data-state', name);
  if (!$('state-shape').firstElementChild) $('state-shape').append(shape());
  draw($('state-shape').firstElementChild, name);
  write($('state-word'), word);
  write($('state-says'), stateSays(status, rules));
  const facts = [
    ['health', `${status.health || '?'}${findings.length ? ` \u00b7 ${plural(findings.length, 'finding', 'findings')}` : ''}`, HEALTH[status.health] || 'none', '#findings'],
    ['leader', leader.instance || 'none', leader.instance ? 'ok' : 'warning'],
    ['safe mode', status.safe_mode && status.safe_mode.set ? 'set' : 'not set', status.safe_mode && status.safe_mode.set ? 'halt' : 'ok'],
    ['published today', count((status.daily || {}).intents) + (known((status.daily || {}).most) ? ` of ${count(status.daily.most)}` : '')],
  ];
  pairs($('facts'), facts);
  drawSafe(status.safe_mode || {});
  const open = (status.capacity || {}).open_orders;
  document.title = `${word} ${known(open) ? open : '?'}/${rules.max_open} \u00b7 quantum`;
  write($('place'), `${status.redis || ''} \u00b7 ${status.prefix || ''}`);
}

function drawSafe(safe) {
  const box = $('safe');
  box.hidden = !safe.set;
  if (!safe.set) return;
  if (!box.firstElementChild) {
    const line = make('span');
    line.append(make('b'), document.createTextNode(''), make('code'));
    box.append(line);
  }
  const [title, text, code] = box.firstElementChild.childNodes;
  write(title, 'Halted. ');
  const ends = known(safe.ttl_sec) ? `It ends by itself in ${span(safe.ttl_sec * 1000)}. ` : '';
  const said = `${safe.reason ? `${safe.reason}. ` : safe.value ? `${safe.key} is '${safe.value}'. ` : ''}${ends}To release: `;
  if (text.data !== said) text.data = said;
  write(code, 'quantumctl resume');
}

// --- slots

const BIG_BOXES = 40, BOXES_MAX = 400;

function heldBoxes(status) {
  const held = status.held || {}, boxes = [];
  for (const [symbol, value] of Object.entries(held.by_symbol || {})) {
    const [which, times] = String(value).split(' ');
    for (let i = 0; i < Math.min(+times || 1, BOXES_MAX); i++) boxes.push(['held', symbol, which]);
  }
  return held.agrees === true ? boxes : [];
}

function slotBoxes(status, rules) {
  const capacity = status.capacity || {}, most = Math.min(rules.max_open || 0, BOXES_MAX);
  const open = capacity.open_orders;
  if (!known(open)) return Array.from({ length: most }, () => ['unknown', 'not known', '']);
  const boxes = heldBoxes(status);
  while (boxes.length < Math.min(open, BOXES_MAX)) boxes.push(['held', 'open', 'symbol not known']);
  for (let i = 0; i < Math.min(capacity.in_flight || 0, BOXES_MAX); i++) boxes.push(['flight', 'in flight', 'executor']);
  boxes.forEach((box, i) => { if (i >= rules.max_open) box[0] += ' over'; });
  while (boxes.length < most) {
    boxes.push(boxes.length < rules.target_open ? ['free', 'free', ''] : ['free beyond', 'free', 'beyond target']);
  }
  return boxes.slice(0, BOXES_MAX);
}

function drawSlots(status, rules) {
  const capacity = status.capacity || {}, held = status.held || {};
  const boxes = slotBoxes(status, rules);
  klass($('boxes'), boxes.length > BIG_BOXES ? 'small' : '');
  fill($('boxes'), boxes, () => {
    const box = make('li');
    box.append(make('b'), make('small'));
    return box;
  }, (box, [kind, title, detail]) => {
    klass(box, kind);
    put(box, 'title', boxes.length > BIG_BOXES ? `${title} ${detail}` : null);
    write(box.children[0], title);
    const small = box.children[1];
    action(small, detail);
  });
  const flight = capacity.in_flight ? `, ${count(capacity.in_flight)} in flight` : '';
  write($('slots-says'), `${count(capacity.open_orders)} open${flight} \u00b7 target ${count(rules.target_open)} \u00b7 at most ${count(rules.max_open)}`);
  const notes = [...(capacity.limits || [])];
  if (known(capacity.open_orders) && held.agrees !== true && capacity.open_orders > 0) notes.push(`Which symbols are held is not shown: ${held.why || 'it is not known'}.`);
  if (rules.max_open > BOXES_MAX) notes.push(`The first ${BOXES_MAX} of ${count(rules.max_open)} are drawn.`);
  if (held.symbol_count > Object.keys(held.by_symbol || {}).length) notes.push(`${count(held.symbol_count)} symbols are held; not all are named.`);
  $('slots-note').hidden = notes.length === 0;
  write($('slots-note'), notes.join(' \u00b7 '));
}

// --- the window

function drawTime(window) {
  const time = $('window-time').firstElementChild;
  const done = window.window_ms ? Math.min(1, 1 - window.left_ms / window.window_ms) : 0;
  time.classList.toggle('back', done < (parseFloat(time.style.width) || 0) / 100);
  time.style.width = `${(100 * done).toFixed(1)}%`;
  put($('window-time'), 'aria-label', `${span(window.left_ms)} of the window are left`);
}

function bestRows(window) {
  const rows = (window.best || []).map((best) => ({ best }));
  const last = rows.map((row) => row.best.fate_now).lastIndexOf('published');
  const passing = rows.filter((row) => row.best.fate_now === 'published').length;
  if (rows.length > 0) rows.splice(last + 1, 0, { cut: passing });
  return rows;
}

function buildBest() {
  const row = make('tr');
  for (const name of ['rank', '', '', 'number', 'bar', '']) row.append(make('td', name));
  row.children[1].append(make('a'));
  row.children[2].append(make('span'));
  row.children[4].append(make('span', 'score'));
  const line = make('td');
  line.colSpan = 6;
  line.append(make('div'));
  row.append(line);
  return row;
}

// How far above the gate, of what is possible.
function barWidth(value, rules) {
  const gate = rules.min_confidence || 0, most = Math.max(1.03, value);
  return `${Math.max(1, Math.min(100, 100 * (value - gate) / (most - gate))).toFixed(1)}%`;
}

function updateBest(row, item, rules) {
  const isCut = 'cut' in item;
  for (let i = 0; i < 7; i++) row.children[i].hidden = (i === 6) !== isCut;
  if (isCut) {
    klass(row, 'cut');
    write(row.children[6].firstElementChild, item.cut ? `cut: ${item.cut === 1 ? 'one passes' : `${count(item.cut)} pass`}` : 'cut: none passes');
    return;
  }
  const best = item.best, cells = row.children;
  klass(row, best.fate_now === 'published' ? 'in' : '');
  write(cells[0], best.rank);
  write(cells[1].firstElementChild, best.symbol);
  put(cells[1].firstElementChild, 'href', `#/signal/${encodeURIComponent(best.signal_id)}`);
  side(cells[2].firstElementChild, best.side);
  write(cells[3], score(best.score));
  cells[4].firstElementChild.style.width = barWidth(best.score, rules);
  write(cells[5], FATES[best.fate_now] || best.fate_now || '');
}

function drawWindow(window, rules) {
  const isThere = Array.isArray(window.best), empty = $('window-empty');
  $('window-time').hidden = $('window-figures').hidden = !isThere;
  $('best').hidden = !isThere || window.best.length === 0;
  empty.hidden = isThere && window.best.length > 0;
  klass($('window-room'), !isThere ? '' : empty.hidden ? 'room' : 'room bare');
  write($('window-says'), isThere ? `${window.state}, ${span(window.window_ms)} long` : '');
  if (!isThere) {
    write(empty, window.why ? `Nothing to show: ${window.why}.` : 'Nothing to show yet.');
    return;
  }
  drawTime(window);
  pairs($('window-figures'), [
    ['candidates', `${count(window.candidates)} of ${count(window.most)}`],
    ['left', window.state === 'running' ? span(window.left_ms) : DASH],
    ['thinned', count(window.thinned)],
    ['bar', window.bar ? score(window.bar.score) : DASH],
    ...(window.deciding ? [['deciding', count(window.deciding)]] : []),
    ...(window.held_back ? [['held back', count(window.held_back)]] : []),
  ]);
  write(empty, window.state === 'running' ? 'No candidate yet: no signal has passed the gate in this window.'
    : `No candidates: this router is ${window.state}.`);
  fill($('best').tBodies[0], bestRows(window), buildBest, (row, item) => updateBest(row, item, rules));
}

// --- cycles

const cycleState = (world) => {
  if (world.safe === 1) return 'halt';
  return { capacity_ok: 'ok', target_reached: 'target', capacity_full: 'full' }[world.state] || 'unknown';
};

function tallyOf(tally) {
  return KINDS.map(([kind, , fates]) => [kind, fates.reduce((sum, fate) => sum + (+tally[fate] || 0), 0)]);
}

const total = (tally) => tallyOf(tally).reduce((sum, [, n]) => sum + n, 0);

function cycleLabel(cycle, best) {
  const fates = Object.entries(cycle.tally || {}).filter(([, n]) => n > 0).map(([fate, n]) => `${n} ${fate.replace('_', ' ')}`);
  const who = best ? `, best ${best.symbol} ${best.side} at ${score(best.score)}, ${(best.fate || '').replace('_', ' ')}` : '';
  const other = otherSays(cycle.with);
  return `Cycle of ${clock(cycle.at_ms)}, ${String((cycle.world || {}).state || '').replace('_', ' ')}: ${fates.join(', ') || 'no candidates'}${who}${other && `, ${other}`}`;
}

// What the other policy would have chosen, where that is something else.
function otherSays(other) {
  if (!other || other.same) return '';
  if (other.why) return `with the other policy: not told, ${other.why}`;
  const names = (other.chosen || []).map((one) => `${one.symbol} ${one.side}`);
  return `with the other policy: ${names.join(', ') || 'nothing'}`;
}

function buildCycle() {
  const item = make('li'), link = make('a'), best = make('span', 'best');
  best.append(make('b'), document.createTextNode(' '), make('span'), document.createTextNode(' '), make('small'));
  link.append(make('span', 'at'), shape(), make('span', 'stack'), make('span', 'passed'), best, make('span', 'other'));
  item.append(link);
  return item;
}

function updateCycle(item, cycle, most) {
  const link = item.firstElementChild, [at, icon, stack, passed, who, other] = link.children;
  const best = cycle.best, tally = cycle.tally || {}, name = cycleState(cycle.world || {});
  put(link, 'data-state', name);
  put(link, 'href', best ? `#/signal/${encodeURIComponent(best.signal_id)}` : '#cycles');
  put(link, 'aria-label', cycleLabel(cycle, best));
  write(at, clock(cycle.at_ms));
  draw(icon, name);
  const parts = tallyOf(tally).filter(([, n]) => n > 0);
  fill(stack, parts, () => make('i'), (part, [kind, n]) => {
    klass(part, kind);
    part.style.flexGrow = n;
  });
  stack.style.width = `${Math.max(2, 100 * Math.sqrt(total(tally) / most)).toFixed(1)}%`;
  const n = +tally.published || 0;
  put(passed, 'data-n', n);
  write(passed, n);
  write(who.children[0], best ? best.symbol : DASH);
  if (best) side(who.children[1], best.side);
  write(who.children[2], best ? `${score(best.score)} ${(best.fate || '').replace('_', ' ')}` : '');
  other.hidden = !cycle.with || cycle.with.same === true;
  write(other, otherSays(cycle.with));
}

function drawCycles(cycles, hasWindow) {
  const list = cycles.list || [], most = Math.max(1, ...list.map((cycle) => total(cycle.tally || {})));
  $('cycles-empty').hidden = list.length > 0;
  klass($('cycles-room'), list.length === 0 && hasWindow ? 'room bare' : '');
  write($('cycles-empty'), cycles.why ? `The records cannot be read: ${cycles.why}.`
    : 'None yet: a cycle is recorded when it decides on candidates.');
  $('legend').hidden = $('cycle-head').hidden = list.length === 0;
  const told = list.filter((cycle) => cycle.with && !cycle.with.why);
  const other = cycles.with ? ` \u00b7 with ${cycles.with.replace(/.*\//, '')} the same in ${told.filter((cycle) => cycle.with.same).length} of ${told.length}` : '';
  write($('cycles-says'), list.length ? `${plural(list.reduce((sum, cycle) => sum + (+(cycle.tally || {}).published || 0), 0), 'intent', 'intents')} of the last ${list.length}${other}` : '');
  fill($('cycle-list'), list, buildCycle, (item, cycle) => updateCycle(item, cycle, most));
  fill($('legend'), KINDS, () => {
    const item = make('li');
    item.append(make('i'), make('span'));
    return item;
  }, (item, [kind, words]) => {
    klass(item.children[0], kind);
    write(item.children[1], words);
  });
}

// --- streams

function streamRows(status) {
  const rows = [], prefix = status.prefix || '';
  const short = (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : name);
  for (const [name, stream] of Object.entries(status.streams || {})) {
    rows.push([stream ? 'stream' : 'none', short(name).replace(/^stream:/, ''), stream ? count(stream.length) : 'none',
      stream ? rate(stream.added_per_sec) : '', '', '', stream && known(stream.newest_age_ms) ? span(stream.newest_age_ms) : '']);
    for (const [group, about] of Object.entries((stream || {}).groups || {})) {
      rows.push(['group', short(group).replace(/^group:/, ''), '', rate(about.read_per_sec), about.lag, about.pending,
        known(about.oldest_pending_age_ms) ? span(about.oldest_pending_age_ms) : '']);
    }
  }
  return rows;
}

function drawStreams(status) {
  const dead = Object.entries(status.streams || {}).find(([name]) => name.endsWith('.dlq'));
  const letters = dead && dead[1] ? dead[1].length : 0;
  write($('streams-says'), `${plural(letters, 'dead letter', 'dead letters')} \u00b7 results ${(status.results || {}).state || '?'}`);
  fill($('streams').querySelector('tbody'), streamRows(status), () => {
    const row = make('tr');
    for (let i = 0; i < 6; i++) row.append(make('td', i ? 'number' : ''));
    return row;
  }, (row, [kind, ...cells]) => {
    klass(row, kind);
    cells.forEach((cell, i) => {
      const isCount = typeof cell === 'number';
      klass(row.children[i], i === 0 ? '' : isCount && cell > (i === 3 ? 10 : 1000) ? 'number raised' : 'number');
      write(row.children[i], isCount ? count(cell) : i ? cell : cell.replace(/[.:_]/g, '$&\u200b'));
    });
  });
}

// --- results

const STATUS = { filled: 'ok', closed: 'done', rejected: 'full', skipped: 'none' };
const STATUS_COLOR = { filled: 'ok', closed: 'ok', rejected: 'full', skipped: 'none' };

function drawToday(results) {
  const today = results.today || {}, decided = today.closed - today.without_profit;
  const profit = $('profit');
  if (!profit.firstChild) profit.append(make('span'), document.createTextNode(' '), make('small'));
  klass(profit.children[0], today.profit_usd > 0 ? 'gain' : today.profit_usd < 0 ? 'loss' : '');
  tell(profit.children[0], decided > 0 ? usd(today.profit_usd || 0) : today.closed > 0 ? DASH : '$0');
  write(profit.children[1], decided > 0 ? 'today, net of fees' : today.closed > 0 ? 'today: at no known price' : 'today: nothing was closed');
  pairs($('today-figures'), [
    ['closed', count(today.closed) + (decided > 0 ? `, ${Math.round(100 * today.won / decided)}% won` : '')],
    ['filled', count(today.filled)],
    ['rejected', count(today.rejected)],
    ['skipped', count(today.skipped)],
  ]);
  write($('results-says'), today.is_behind ? 'the day is still being counted' : 'since midnight UTC');
}

function buildResult() {
  const row = make('tr');
  for (const name of ['', '', '', '', 'number price', 'number']) row.append(make('td', name));
  const only = make('small', 'narrow');
  only.append(make('span'));
  row.children[0].append(make('span'), make('span', 'seconds'));
  row.children[1].append(make('a'), only);
  row.children[2].append(make('span'));
  row.children[3].append(shape(), make('span'), make('small', 'reason'));
  row.children[5].append(make('span'));
  return row;
}

function action(node, text) {
  if (text === 'BUY' || text === 'SELL') {
    side(node, text);
    return;
  }
  klass(node, '');
  put(node, 'data-side', null);
  write(node, text || '');
}

function updateResult(row, result) {
  const [at, symbol, what, status, cost, profit] = row.children;
  write(at.children[0], clock(result.at_ms).slice(0, 5));
  write(at.children[1], clock(result.at_ms).slice(5));
  write(symbol.firstElementChild, result.symbol || '?');
  put(symbol.firstElementChild, 'href', result.intent_id ? `#/intent/${encodeURIComponent(result.intent_id)}` : null);
  for (const node of [what.firstElementChild, symbol.children[1].firstElementChild]) action(node, result.action);
  put(status, 'data-state', STATUS_COLOR[result.status] || 'none');
  draw(status.children[0], STATUS[result.status] || 'none');
  write(status.children[1], result.status || '?');
  write(status.children[2], result.reason ? ` ${result.reason.replace(/_/g, ' ')}` : '');
  write(cost, price(result.price));
  klass(profit.firstElementChild, result.profit_usd > 0 ? 'gain' : result.profit_usd < 0 ? 'loss' : '');
  write(profit.firstElementChild, typeof result.profit_usd === 'number' ? usd(result.profit_usd) : result.status === 'closed' ? DASH : '');
}

function drawResults(results) {
  const list = results.list || [], table = $('results').querySelector('table');
  drawToday(results);
  table.hidden = list.length === 0;
  $('results-empty').hidden = list.length > 0;
  write($('results-empty'), results.why ? `The results cannot be read: ${results.why}.`
    : 'No result yet: the executor has not settled an intent.');
  fill(table.tBodies[0], list, buildResult, updateResult);
}

// --- findings

function drawFindings(findings) {
  const list = $('finding-list');
  $('findings-empty').hidden = findings.length > 0;
  write($('findings-empty'), 'Nothing: all is within its limits.');
  write($('findings-says'), findings.length ? 'as quantumctl status tells them' : '');
  fill(list, findings, () => {
    const item = make('li');
    item.append(shape(), make('b'), make('span'));
    return item;
  }, (item, finding) => {
    put(item, 'data-state', finding.severity);
    draw(item.children[0], finding.severity);
    write(item.children[1], finding.severity);
    write(item.children[2], finding.text);
  });
}

// --- all of it

let last = null, lastAt = 0, answeredAt = performance.now(), isDrawn = true;

function drawAll(state) {
  const status = state.status || {}, window = state.window || {};
  const rules = window.rules || state.limits || {};
  drawState(state, status, rules);
  drawSlots(status, rules);
  drawWindow(window, rules);
  drawCycles(state.cycles || {}, Array.isArray(window.best));
  drawStreams(status);
  drawResults(state.results || {});
  drawFindings(status.findings || []);
}

// How old what one sees is: as the server said, and since.
function age() {
  return last && known(last.age_ms) ? last.age_ms + (performance.now() - lastAt) : null;
}

function staleSays() {
  const silent = performance.now() - answeredAt, old = age();
  const from = known(old) && last.at_ms ? ` What you see is ${span(old)} old, from ${clock(last.at_ms)} UTC.` : ' Nothing was seen yet.';
  if (silent >= SILENT_MS) return `Stale: the server of this page has not answered for ${span(silent)}.${from}`;
  if (!isDrawn) return 'Stale: what came last cannot be drawn.';
  if (last && !last.up) return `${last.why || 'Redis does not answer'}.${from}`;
  if (known(old) && old >= OLD_MS) return `Stale: nothing new has come.${from}`;
  return '';
}

function drawAge() {
  const old = age(), says = staleSays();
  write($('age-text'), known(old) ? `seen ${span(Math.max(100, Math.floor(old / 100) * 100))} ago` : 'not seen yet');
  document.body.classList.toggle('is-stale', says !== '');
  $('stale').hidden = says === '';
  if (!$('stale').firstElementChild) $('stale').append(make('span'));
  write($('stale').firstElementChild, says);
}

async function ask(path, ms) {
  const abort = new AbortController(), timer = setTimeout(() => abort.abort(), ms);
  try {
    const response = await fetch(path, { signal: abort.signal, cache: 'no-store' });
    return { ok: response.ok, body: await response.json() };
  } finally {
    clearTimeout(timer);
  }
}

async function poll() {
  const began = performance.now();
  try {
    const { ok, body } = await ask('/state.json', GIVE_UP_MS);
    if (ok) {
      answeredAt = lastAt = performance.now();
      last = body;
      isDrawn = false;
      if (known(body.age_ms)) drawAll(body);
      isDrawn = true;
    }
  } catch {
    // Told by the age.
  }
  drawAge();
  setTimeout(poll, Math.max(0, POLL_MS - (performance.now() - began)));
}

// --- the explanation of one signal: a panel with an address of its own, #/signal/ID or #/intent/ID

const WHY = {
  published: (e) => `It passed: number ${e.rank} of the ${count(e.of)} that contended, and ${count(e.allowed)} could.`,
  outranked: (e) => (known(e.rank) ? `Others ranked above it: it was number ${e.rank} of ${count(e.of)}, and ${count(e.allowed)} could pass.`
    : 'It fell out of a window that was full: too many ranked above it.'),
  no_slots: () => 'Nothing could pass in this cycle.',
  below_super: () => 'The target of open orders was reached: only super-signals could pass.',
  safe_mode: () => 'Safe mode was on: nothing was published.',
  duplicate: () => 'Its decision had been published already.',
  same_symbol: () => 'A better signal of the same symbol took its place.',
  cooldown: () => 'Its symbol was published a moment before, and rested.',
  symbol_held: () => 'Its symbol is held on the same side already.',
  opposite_held: () => 'Its symbol is held on the other side.',
  low_confidence: () => 'Its confidence is below the gate.',
  stale: () => 'It was too old when it was looked at.',
  invalid: () => 'It breaks a rule of signals.',
  hold: () => 'It says to hold: there is nothing to trade.',
  close: () => 'It closes: the router leaves that to others.',
  not_listed: () => 'Its symbol is not among those that are traded.',
  waiting: () => 'The router was not given it yet.',
  pending: () => 'It was read, and is not decided yet.',
  unread: () => 'Nobody reads the stream.',
};

function add(parent, name, text, className) {
  const node = make(name, className);
  if (known(text)) node.textContent = text;
  parent.append(node);
  return node;
}

const outcome = (done) => (!done ? DASH : [done.status, (done.reason || '').replace(/_/g, ' '),
  typeof done.profit_usd === 'number' ? usd(done.profit_usd) : ''].filter(Boolean).join(', '));

function addTable(parent, caption, titles, rows) {
  const table = add(parent, 'table');
  add(table, 'caption', caption);
  const head = add(add(table, 'thead'), 'tr'), body = add(table, 'tbody');
  for (const title of titles) add(head, 'th', title).scope = 'col';
  for (const cells of rows) {
    const row = add(body, 'tr');
    cells.forEach((cell) => add(row, 'td', known(cell) ? cell : DASH));
  }
}

function addChanges(body, e) {
  const would = e.would_pass || [], not = e.would_not || [];
  if (e.fate === 'published' || (!would.length && !not.length)) return;
  add(body, 'h3', 'What would have passed it');
  if (would.length) addTable(body, 'Each alone would have passed it', ['alone', 'from', 'to'], would.map((one) => [one.change, one.from, one.to]));
  else add(body, 'p', 'Nothing that was tried alone.');
  if (not.length) add(body, 'p', `Not by itself: ${not.join(', ')}.`, 'quiet');
}

function addAbove(body, e) {
  const above = e.above || [];
  if (!above.length) return;
  add(body, 'h3', 'Who stood above it');
  addTable(body, 'Those that ranked above it', ['#', 'symbol', 'side', 'score', 'fate', 'result'],
    above.slice(-20).map((one) => [one.rank, one.symbol, one.side, score(one.score), (one.fate || '').replace(/_/g, ' '), outcome(one.result)]));
  if (above.length > 20) add(body, 'p', `The last 20 of ${count(above.length)}.`, 'quiet');
}

function addOne(body, e) {
  const words = (e.fate || '').replace(/_/g, ' ');
  add(body, 'h3', e.symbol ? `${e.symbol} ${e.side}: ${words}` : words, 'lead');
  add(body, 'p', (WHY[e.fate] || (() => 'What became of it nobody can say.'))(e), 'lead');
  if (e.derived) add(body, 'p', 'No record has it: it was judged again from its entry, with the settings of that moment.', 'quiet');
  const facts = add(body, 'dl', null, 'figures');
  pairs(facts, [
    ['confidence', score(e.confidence)], ['score', score(e.score)],
    ...(known(e.rank) ? [['rank', `${e.rank} of ${count(e.of)}`]] : []),
    ...(known(e.cut) ? [['cut', score(e.cut)]] : []),
    ...(known(e.allowed) ? [['allowed', count(e.allowed)]] : []),
    ...(known(e.at_ms) ? [['decided', `${clock(e.at_ms)} UTC`]] : []),
    ...(e.world ? [['state', String(e.world.state).replace(/_/g, ' ')], ['open', String(e.world.open)]] : []),
  ]);
  if (e.intent_id) {
    add(body, 'h3', 'What came of it');
    add(body, 'p', `Intent ${e.intent_id}: ${e.result ? outcome(e.result) : 'no result yet'}.`);
  }
  addChanges(body, e);
  addAbove(body, e);
  if (e.note) add(body, 'p', e.note, 'quiet');
  add(body, 'p', [`signal ${e.signal_id}`, e.cycle_id && `cycle ${e.cycle_id}`, e.replayed && `decided again: ${e.replayed}`].filter(Boolean).join(' \u00b7 '), 'quiet');
}

const ROUTE = /^#\/(signal|intent|decision|of)\/(.+)$/;
let asked = '';

function route() {
  const found = location.hash.match(ROUTE);
  try {
    return found && [found[1], decodeURIComponent(found[2])];
  } catch {
    return null;
  }
}

async function explain(kind, word) {
  const body = $('panel-body'), mine = `${kind}/${word}`;
  asked = mine;
  body.replaceChildren();
  write($('panel-title'), `${kind === 'of' ? '' : `${kind} `}${word}`);
  const wait = add(body, 'p', 'Looking it up.', 'quiet');
  try {
    const { ok, body: said } = await ask(`/explain.json?${kind}=${encodeURIComponent(word)}`, 15000);
    if (asked !== mine) return;
    wait.remove();
    if (!ok) add(body, 'p', said.error || 'It is not found.', 'lead');
    else for (const one of said.explanations || [said]) addOne(body, one);
    add(body, 'p', `The same in a terminal: quantumctl explain ${word}`, 'quiet');
  } catch {
    if (asked === mine) write(wait, 'The server of this page does not answer.');
  }
}

function follow() {
  const wanted = route(), panel = $('panel');
  if (!wanted) {
    if (panel.open) panel.close();
    return;
  }
  if (!panel.open) panel.showModal();
  explain(...wanted);
}

$('panel').addEventListener('close', () => {
  asked = '';
  if (route()) history.pushState(null, '', location.pathname);
});
$('panel').addEventListener('click', (event) => {
  if (event.target === $('panel')) $('panel').close();
});
addEventListener('hashchange', follow);

// --- the theme: the system's, unless somebody chose

const THEMES = ['system', 'light', 'dark'];

function setTheme(theme) {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  write($('theme'), `Theme: ${theme}`);
}

function kept() {
  try {
    return THEMES.includes(localStorage.theme) ? localStorage.theme : 'system';
  } catch {
    return 'system';
  }
}

$('theme').addEventListener('click', () => {
  const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme || 'system') + 1) % THEMES.length];
  setTheme(next);
  try {
    localStorage.theme = next;
  } catch {
    // It lasts as long as the page.
  }
});

setTheme(kept());
setInterval(drawAge, LOOK_MS);
poll();
follow();
