// The window as it fills.

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
