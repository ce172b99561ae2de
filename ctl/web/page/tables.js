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
