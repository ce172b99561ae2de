// Reads intents, and survives: kill it, cut it off, start it again, and each decision is acted on once.
//
//     REDIS_URL=redis://127.0.0.1:6379/0 node read-intents.js acted.jsonl
//
// Put what you do in place of act(). Where this is your executor, take its group, quantum:group:execution:trade.intent,
// so that the router counts what you have not finished as open.
"use strict";
const fs = require("fs");
const { setTimeout: sleep } = require("timers/promises");
const { createClient } = require("redis");

const STREAM = "quantum:stream:trade.intent", GROUP = "quantum:group:example", ME = "one", MAX_AGE_SEC = 600;
const BOOK = process.argv[2];
const URL = process.env.REDIS_URL || "redis://127.0.0.1:6379/0";
const [, username, password, path] = /^unix:\/\/(?:(.*?):(.*?)@)?([^?]*)/.exec(URL) || [];
const db = createClient(path ? { username, password, socket: { path } } : { url: URL });
db.on("error", (error) => console.error(String(error))); // it connects again by itself; without this line it would end

const book = fs.openSync(BOOK, "a+");
const lines = fs.readFileSync(BOOK, "utf8").split("\n").slice(0, -1);
const acted = new Set(lines.map((line) => JSON.parse(line).decision_id));

// Harmless when it comes twice, for it knows the decision's id. If you call somebody here, give him that id.
function act({ decision_id, symbol, action, position_size_usd }) {
  if (acted.has(decision_id)) return;
  fs.writeSync(book, JSON.stringify({ decision_id, symbol, action, position_size_usd }) + "\n");
  fs.fsyncSync(book);
  acted.add(decision_id);
}

async function makeGroup() {
  await db.sendCommand(["XGROUP", "CREATE", STREAM, GROUP, "0", "MKSTREAM"]).catch((error) => {
    if (!error.message.startsWith("BUSYGROUP")) throw error; // it is there, as at every start but the first
  });
}

async function handle(id, fields) {
  const at = fields ? fields.indexOf("payload") : NaN;
  const [seconds] = await db.sendCommand(["TIME"]);
  if (seconds - id.split("-")[0] / 1000 > MAX_AGE_SEC) return console.error(`${id} is too old`);
  let intent = null;
  try {
    intent = JSON.parse(fields[at + 1]);
  } catch { /* told below */ }
  if (!intent?.decision_id) return console.error(`${id} is not readable`); // no intent, or trimmed while it was ours
  act(intent);
}

async function run() {
  await makeGroup();
  for (let after = "0"; ; ) { // what was given to this name and never ACKed comes first
    const reply = await db.sendCommand(["XREADGROUP", "GROUP", GROUP, ME, "COUNT", "10", "BLOCK", "2000", "STREAMS", STREAM, after]);
    const entries = reply ? reply[0][1] : [];
    for (const [id, fields] of entries) {
      await handle(id, fields);
      await db.sendCommand(["XACK", STREAM, GROUP, id]); // behind what was done: a kill in between repeats, and loses nothing
    }
    if (!entries.length) after = ">";
  }
}

(async () => {
  await db.connect();
  for (;;) {
    await run().catch((error) => console.error(String(error))); // it is away, it loads, it lost the group: from the beginning
    await sleep(1000);
  }
})();
