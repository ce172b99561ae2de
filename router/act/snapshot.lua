#!lua flags=no-writes
-- Reads, at one moment, all that a decision looks at.
--
-- KEYS  1 open orders  2 safe mode  3 commit hash  4 intents  5 today's counter  6 what is held, where it is asked for,
--       then marks, then cooldowns, then what else halts
-- ARGV  1 how many bytes of a value are looked at  2 number of marks  3 group that finishes intents, or ''
--       4 an intent is in flight for so many ms  5 intents in flight are counted to this  6 bytes of safe mode's value
--       7 from so many ms without a sign of its consumers that group may be dead, or negative  8 what else halts (halted_by())
--       9 'hash': how much is held, and what is in flight; 'flight': what is in flight alone; '': neither  10 held symbols at most, and
--       intents in flight of which each is looked at
-- returns  seconds, microseconds, open orders (as seen() says), what halts (the same), its time to live, epoch, sequence,
--          for each mark '1' if it is there or '0', for each cooldown the same, intents in flight (-1: no such group),
--          today's trades, and of the commit hash: open orders as the last publication saw them, intents published since
--          they changed, times of the supers, resumed, counts of the last days and of the last minute, since when nobody
--          is sure of what is older ('0': always sure), when another router last asked for the lease in vain ('0': never),
--          silence() of the group that finishes intents, the number of what halts, held_by(), flying(), and the last id of the
--          intents; or an error that names the key of a wrong type
-- include router/act/world.lua
-- include router/act/commit_hash.lua
local most, mark_count = tonumber(ARGV[1]), tonumber(ARGV[2])
local group, age_ms, count_max, safe_most = ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6])
local idle_ms, also = tonumber(ARGV[7]), words_of(ARGV[8])
local asked, held_max = ARGV[9], tonumber(ARGV[10])
local held = asked == 'hash' and KEYS[6]
local MARKS, LAST, CHUNK = held and 6 or 5, #KEYS - #also, 100
local BYTES_MAX = 16777216 -- of what is in flight

-- Mostly none is there, and then one question does for many.
local function there(first, last)
  local found = {}
  for from = first, last, CHUNK do
    local to = math.min(from + CHUNK - 1, last)
    local any = redis.call('EXISTS', unpack(KEYS, from, to)) > 0
    for i = from, to do found[#found + 1] = any and redis.call('EXISTS', KEYS[i]) or 0 end
  end
  return table.concat(found)
end

-- How many symbols are held, in the words of seen(); or in a word why nobody can tell. Which they are is asked beside this
-- script: of so many texts Lua would make as many objects, which takes it three times as long as Redis takes to send them.
local function held_by()
  if not held or forbidden({{'TYPE', held}, {'HLEN', held}, {'MEMORY', 'USAGE', held}}) then return 'forbidden' end
  local kind = type_of(held)
  if kind == 'none' then return 'missing' end
  if kind ~= 'hash' then return 'type:' .. kind end
  return outgrown(held, held_max, HELD_BYTES) or 'text:' .. redis.call('HLEN', held)
end

local function weight_of(entries)
  local weight = 0
  for _, entry in ipairs(entries) do
    for _, part in ipairs(entry[2]) do weight = weight + #part end
  end
  return weight
end

-- The entries in flight, of those that in_flight() counted; or that they are too many.
local function flying(waiting, pending)
  if asked == '' then return {} end
  if #waiting + #pending > held_max then return 'too many' end
  for _, one in ipairs(pending) do
    waiting[#waiting + 1] = redis.call('XRANGE', KEYS[4], one[1], one[1])[1]
  end
  return weight_of(waiting) > BYTES_MAX and 'too many' or waiting
end

local trouble = wrong_type(KEYS[3], 'hash') or wrong_type(KEYS[4], 'stream') or wrong_type(KEYS[5], 'string')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
trouble = swollen(KEYS[3])
if trouble then return redis.error_reply('ERR ' .. trouble) end
local now = redis.call('TIME')
local halts, number = halted_by(KEYS[2], also)
halts = halts or KEYS[2]
local kept = redis.call('HMGET', KEYS[3], 'epoch', 'seq', 'open_seen', 'since', 'supers', 'resumed', 'days',
                        'unsure_since', 'unsure_resumed', 'asked', 'minute')
local trades = redis.call('GET', KEYS[5])
local flight, silent, waiting, pending = in_flight(KEYS[4], group, age_ms, count_max, idle_ms)
return {now[1], now[2], seen(KEYS[1], most), seen(halts, safe_most), redis.call('TTL', halts),
        kept[1] or '', kept[2] or '', there(MARKS + 1, MARKS + mark_count), there(MARKS + mark_count + 1, LAST),
        flight, trades or '0',
        kept[3] or '', kept[4] or '0', kept[5] or '', kept[6] or '', kept[7] or '', kept[11] or '',
        kept[9] == (kept[6] or '') and kept[8] or '0', kept[10] or '0', silent, number or 0,
        asked == '' and '' or held_by(), flying(waiting or {}, pending or {}), last_id(KEYS[4])}
