// Writes signals, and survives: kill it, cut it off, start it again, and the router publishes each decision once.
//
//     REDIS_URL=redis://127.0.0.1:6379/0 node write-signals.js decisions.jsonl
//
// Each line of the file is a decision: {"id": "d-1", "at": "2026-01-19T12:00:00Z", "symbol": "BTCUSDT", "side": "BUY",
// "confidence": 0.95, ...}. How far it came stands in decisions.jsonl.sent. Killed between writing a signal and noting
// that, it writes the signal once more: under the same correlation_id, by which the router knows it. `at` becomes the
// signal's own timestamp, so that one which waited here for too long is not traded as a fresh one.
"use strict";
const fs = require("fs");
const { setTimeout: sleep } = require("timers/promises");
const { createClient } = require("redis");

const STREAM = "quantum:stream:ai.decision.made", KEPT = "100000";
const FILE = process.argv[2], SENT = FILE + ".sent";
const URL = process.env.REDIS_URL || "redis://127.0.0.1:6379/0";
const [, username, password, path] = /^unix:\/\/(?:(.*?):(.*?)@)?([^?]*)/.exec(URL) || [];
const db = createClient(path ? { username, password, socket: { path } } : { url: URL });
db.on("error", (error) => console.error(String(error))); // it connects again by itself; without this line it would end

async function write(line) {
  let id, at, decision;
  try {
    ({ id, at, ...decision } = JSON.parse(line));
    if (id === undefined || at === undefined) throw new Error("no id, or no at");
  } catch (error) {
    return console.error(`passed over: ${line}: ${error}`); // no decision: the next try would find no more in it
  }
  const payload = JSON.stringify({ ...decision, timestamp: at });
  await db.sendCommand(["XADD", STREAM, "MAXLEN", "~", KEPT, "*",
    "payload", payload, "correlation_id", String(id), "timestamp", String(at)]);
}

function note(place) {
  fs.writeFileSync(SENT + ".new", String(place));
  fs.renameSync(SENT + ".new", SENT);
}

async function follow() {
  let place = fs.existsSync(SENT) ? Number(fs.readFileSync(SENT, "ascii")) : 0;
  for (;;) {
    const rest = fs.readFileSync(FILE).subarray(place);
    const end = rest.indexOf("\n");
    if (end < 0) await sleep(100); // the end, or a line that is not whole yet
    else {
      await write(rest.subarray(0, end).toString());
      note((place += end + 1));
    }
  }
}

(async () => {
  await db.connect();
  for (;;) {
    await follow().catch((error) => console.error(String(error))); // it is away, it loads, it refuses: the same line again
    await sleep(1000);
  }
})();
