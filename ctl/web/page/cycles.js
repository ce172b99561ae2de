// The last cycles.

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
