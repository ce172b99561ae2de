// An adapter for the stream venue, and survives: kill it at any moment, and each order is placed once and answered once.
//
//     REDIS_URL=redis://127.0.0.1:6379/0 node adapter.js exchange.jsonl
//
// Put your exchange in place of Exchange: it must tell an order by the id that the client gave it.
"use strict";
const fs = require("fs");
const { setTimeout: sleep } = require("timers/promises");
const { createClient } = require("redis");

const ORDERS = "quantum:stream:venue.order", ANSWERS = "quantum:stream:venue.answer", GROUP = "adapter", ME = "one";
const ANSWER = `
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])`;
const URL = process.env.REDIS_URL || "redis://127.0.0.1:6379/0";
const [, username, password, path] = /^unix:\/\/(?:(.*?):(.*?)@)?([^?]*)/.exec(URL) || [];
const db = createClient(path ? { username, password, socket: { path } } : { url: URL });
db.on("error", (error) => console.error(String(error))); // it connects again by itself; without this line it would end

class Exchange { // one on paper
  constructor(path) {
    this.file = fs.openSync(path, "a+");
    const placed = fs.readFileSync(path, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line));
    this.placed = new Map(placed.map((order) => [order.id, order]));
  }
  find(id) {
    return this.placed.get(id);
  }
  place(order) {
    fs.writeSync(this.file, JSON.stringify(order) + "\n");
    fs.fsyncSync(this.file);
    this.placed.set(order.id, order);
  }
}

async function answerTo({ order_id: id, symbol, action, size_usd, entry_price, expires_at }) {
  if (!exchange.find(id)) { // an order that is read again may stand there already
    const [seconds] = await db.sendCommand(["TIME"]);
    if (action !== "CLOSE" && seconds * 1000 > Date.parse(expires_at)) return ["order_id", id, "status", "expired"];
    exchange.place({ id, symbol, action, size_usd, price: Number(entry_price) || 100 });
  }
  const status = action === "CLOSE" ? "closed" : "filled";
  return ["order_id", id, "status", status, "price", String(exchange.find(id).price)];
}

async function run() {
  await db.sendCommand(["XGROUP", "CREATE", ORDERS, GROUP, "0", "MKSTREAM"]).catch((error) => {
    if (!error.message.startsWith("BUSYGROUP")) throw error; // it is there, as at every start but the first
  });
  for (let after = "0"; ; ) { // what was given to this name and never answered comes first
    const reply = await db.sendCommand(["XREADGROUP", "GROUP", GROUP, ME, "COUNT", "1", "BLOCK", "2000", "STREAMS", ORDERS, after]);
    const entries = reply ? reply[0][1] : [];
    for (const [entry, fields] of entries) {
      if (fields) {
        const order = {};
        for (let i = 0; i < fields.length; i += 2) order[fields[i]] = fields[i + 1];
        const parts = await answerTo(order);
        await db.sendCommand(["EVAL", ANSWER, "2", ORDERS, ANSWERS, GROUP, entry, ...parts]); // the answer and the ACK at one moment
      } else {
        console.error(`${entry} was trimmed before it was read`);
        await db.sendCommand(["XACK", ORDERS, GROUP, entry]);
      }
    }
    if (!entries.length) after = ">";
  }
}

const exchange = new Exchange(process.argv[2]);
(async () => {
  await db.connect();
  for (;;) {
    await run().catch((error) => console.error(String(error))); // it is away, it loads, it lost the group: from the beginning
    await sleep(1000);
  }
})();
