// The explanation of one signal: a panel with an address of its own, #/signal/ID or #/intent/ID.

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
