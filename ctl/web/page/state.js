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
