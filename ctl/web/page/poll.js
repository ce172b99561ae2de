// Asks once a second and draws what came, and how old that is. It comes last, and begins it all.

// Told within 3 s: a server that is silent for so long, looked at so often; and figures that are so old.
const POLL_MS = 1000, GIVE_UP_MS = 2400, SILENT_MS = 2500, LOOK_MS = 250, OLD_MS = 3500;

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

setTheme(kept());
setInterval(drawAge, LOOK_MS);
poll();
follow();
