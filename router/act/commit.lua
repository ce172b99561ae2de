#!lua
-- Makes a plan come true: all of it, or none. Checks everything first and writes after; what it refuses it has not begun.
-- The order of the writes is such that one that fails midway leads to redelivery, which the marks catch, and never
-- towards loss: marks, cooldowns, daily counter, intents, the decision's record, commit hash, and the ACKs last. Only a record
-- that need not be is tried unchecked, which takes nothing with it where it fails. There is no policy here: limits are the
-- decision's, and what is checked is that they still hold.
--
-- KEYS  1 signals  2 intents  3 open orders  4 safe mode  5 daily counter  6 commit hash  7 leader
--       8 the records, where one is written, then what is held, where it is compared, then a mark for each intent, then a
--       cooldown for each intent or none, then what else halts
-- ARGV  1 group  2 lease  3 epoch  4 sequence  5 open orders as the decision saw them  6 whether anything halts, the same ('1', '0')
--       7 how many bytes of a value are looked at  8 cycle id  9 marks' time to live  10 when the counter expires
--       11 length the intent stream is trimmed to, but for those that may be in flight
--       12 number of intents  13 cooldowns' time to live
--       14 the group that finishes intents, or ''  15 an intent is in flight for so many ms  16 counted to this
--       17 intents in flight, as the decision saw them  18 the daily counter must not pass this, or ''
--       19 intents published since open orders changed, these included  20 supers' times, these included
--       21 counts of the last days, these included  22 counts of the last minute, these included
--       23 only after this ms what is dropped as stale is so  24 up to this ms what is published is fresh, or ''
--       25 from so many ms without a sign of its consumers the group of 14 may be dead, or negative
--       26 what else halts (halted_by())
--       27 the last id of the intents, as the decision saw it  28 whether what is held was known, and is compared ('1', '0')
--       29 whether a record is written: 'no', 'may', or 'must': what stands in its way stands in the way of all
--       30 length, about, that the records are trimmed to  31 id of the record that ours names as the one before, or ''
--       32 number of the record's values, which follow in the order of recorded()
--       then for each intent its symbol and what was held of it, and for each the number of its fields' arguments, and
--       these; then the ids to ACK
-- returns  {'done', id of the record or '', what is to be said of it, ids of the intents…}, where that is '', 'alone' where
--          another entry was written behind the one before, so that it names none, or why there is no record, in a word;
--          or {'moved' | 'fenced' | 'blocked', what}
-- include router/act/world.lua
local signals, intents, open_orders, safe_mode, daily, commit, leader = unpack(KEYS, 1, 7)
local group, lease, epoch, sequence, open_seen, safe_seen = unpack(ARGV, 1, 6)
local most, cycle_id, ttl, expires = tonumber(ARGV[7]), unpack(ARGV, 8, 10)
local maxlen, count, cooldown = tonumber(ARGV[11]), tonumber(ARGV[12]), ARGV[13]
local flight_group, age_ms, flight_max, flight_seen = ARGV[14], tonumber(ARGV[15]), ARGV[16], tonumber(ARGV[17])
local daily_max, since, supers, days, minute = unpack(ARGV, 18, 22)
local stale_after, fresh_until = tonumber(ARGV[23]), tonumber(ARGV[24])
local idle_ms = tonumber(ARGV[25])
local also = words_of(ARGV[26])
local record, records_max, records_end = ARGV[29], ARGV[30], ARGV[31]
local RECORD, SYMBOLS = 33, 33 + tonumber(ARGV[32])
local INTENTS, FIXED = SYMBOLS + 2 * count, record == 'no' and 7 or 8
local records = record ~= 'no' and KEYS[8]
local intents_end, held = ARGV[27], ARGV[28] == '1' and KEYS[FIXED + 1]
local MARKS, LAST_MARK = held and FIXED + 1 or FIXED, #KEYS - #also
local CHUNK = 1000 -- unpack() ends near 8,000
local APPENDED_MAX = 100 -- where more intents came since, somebody else publishes, and who looks for one of them looks again

local function unsound(counter)
  if counter and not is_count(counter) then return daily .. ' is no sound counter' end
end

local function commands_used()
  local commands = {
    {'XACK', signals, group, '0-1'}, {'HSET', commit, 'seq', '0'},
    {'XADD', intents, '*', 'f', 'v'}, {'INCRBY', daily, '1'}, {'EXPIREAT', daily, expires},
  }
  for i = MARKS + 1, LAST_MARK do commands[#commands + 1] = {'SET', KEYS[i], '1'} end
  return commands
end

local function fenced()
  local fence = redis.call('HMGET', commit, 'epoch', 'seq')
  if fence[1] ~= epoch then return 'epoch' end
  if fence[2] ~= sequence then return 'sequence' end
  if redis.call('GET', leader) ~= lease then return 'lease' end
end

-- Redis' clock may have been set since the decision.
local function ages_hold()
  local now = redis.call('TIME')
  local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
  return now_ms > stale_after and not (fresh_until and now_ms > fresh_until)
end

local function symbols()
  local names = {}
  for i = 1, count do names[i] = ARGV[SYMBOLS + 2 * (i - 1)] end
  return names
end

-- Whether of a symbol something else is held than the decision saw.
local function held_moved(names)
  if wrong_type(held, 'hash') then return true end
  for i, value in ipairs(redis.call('HMGET', held, unpack(names))) do
    if (value or '') ~= ARGV[SYMBOLS + 2 * i - 1] then return true end
  end
end

-- Whether this entry may be for one of the symbols: it stands somewhere in it, or an escape that may hide it. One that is not
-- costs another decision, which has seen it.
local function may_name(entry, names)
  local text = string.upper(table.concat(entry[2], '\n'))
  if string.find(text, '\\U', 1, true) then return true end
  for _, name in ipairs(names) do
    if string.find(text, name, 1, true) then return true end
  end
end

local function appended(names)
  local entries = redis.call('XRANGE', intents, '(' .. intents_end, '+', 'COUNT', APPENDED_MAX)
  if #entries == APPENDED_MAX then return true end
  for _, entry in ipairs(entries) do
    if may_name(entry, names) then return true end
  end
end

local function moved(trades)
  if seen(open_orders, most) ~= open_seen then return 'open orders' end
  if (halted_by(safe_mode, also) and '1' or '0') ~= safe_seen then return 'safe mode' end
  if tonumber(redis.call('TIME')[1]) >= tonumber(expires) then return 'the day' end
  if not ages_hold() then return 'the clock' end
  if count == 0 then return nil end
  for i = MARKS + 1, LAST_MARK do
    if redis.call('EXISTS', KEYS[i]) == 1 then return 'a mark' end
  end
  if daily_max ~= '' and tonumber(trades or '0') + count > tonumber(daily_max) then return 'the daily count' end
  if in_flight(intents, flight_group, age_ms, flight_max, idle_ms) > flight_seen then return 'intents in flight' end
  local names = symbols()
  if held and held_moved(names) or appended(names) then return 'positions' end
end

-- Why there can be no record, and the same in a word; nil: nothing is known against it. No question here is one that Redis
-- refuses, for it may be asked between the writes.
local function unrecorded()
  local trouble = forbidden({{'XADD', records, '*', 'f', 'v'}, {'TYPE', records}, {'XINFO', 'STREAM', records}})
  if trouble then return trouble, 'forbidden' end
  trouble = wrong_type(records, 'stream')
  if trouble then return trouble, 'wrong_type' end
  trouble = exhausted(records)
  if trouble then return trouble, 'last_id' end
end

-- Why it must not be: nil when it may. Who is fenced off learns that before all else.
local function verdict()
  local trouble = wrong_type(commit, 'hash') or wrong_type(leader, 'string')
  if trouble then return {'blocked', trouble} end
  local fence = fenced()
  if fence then return {'fenced', fence} end
  trouble = wrong_type(signals, 'stream') or wrong_type(intents, 'stream') or wrong_type(daily, 'string')
  if trouble then return {'blocked', trouble} end
  local trades = redis.call('GET', daily)
  trouble = unsound(trades) or forbidden(commands_used()) or count > 0 and exhausted(intents) or record == 'must' and unrecorded()
  if trouble then return {'blocked', trouble} end
  local what = moved(trades)
  if what then return {'moved', what} end
end

-- How many intents will be one too many.
local function excess()
  if type_of(intents) == 'none' then return count - maxlen end
  local info = redis.call('XINFO', 'STREAM', intents)
  for i = 1, #info, 2 do
    if info[i] == 'length' then return info[i + 1] + count - maxlen end
  end
end

-- The first one takes with it those that are too many and too old to be in flight, by whole nodes of the stream.
local function add(from, to, too_many)
  if too_many <= 0 then return redis.call('XADD', intents, '*', unpack(ARGV, from, to)) end
  return redis.call('XADD', intents, 'MINID', '~', oldest_in_flight(age_ms), 'LIMIT', too_many, '*', unpack(ARGV, from, to))
end

-- Whether another entry may stand behind the record that ours names.
local function overtaken()
  if records_end == '' or records_end == LAST_ID then return true end
  local behind = redis.pcall('XRANGE', records, '(' .. records_end, '+', 'COUNT', 1)
  return behind.err ~= nil or #behind > 0
end

-- The fields, as router/decide/record.h has them, with what nobody knew before: the ids of the intents, and that the record
-- before is not the last entry.
local function recorded(ids, is_alone)
  local v, core, id, at, router, settings, world, tally, drops, quiet, _, rows, left, prev, sizes = unpack(ARGV, RECORD, SYMBOLS - 1)
  return 'v', v, 'core', core, 'cycle_id', id, 'at', at, 'router', router, 'settings', settings, 'world', world, 'tally', tally,
         'drops', drops, 'quiet', quiet, 'intents', ids, 'rows', rows, 'rows_left', left, 'prev', is_alone and '' or prev,
         'sizes', sizes
end

-- Who names one before writes to no new stream: false then. Where there must be a record all was asked.
local function add_behind(ids, is_alone)
  local call = record == 'must' and redis.call or redis.pcall
  if is_alone then return call('XADD', records, 'MAXLEN', '~', records_max, '*', recorded(ids, true)) end
  return call('XADD', records, 'NOMKSTREAM', 'MAXLEN', '~', records_max, '*', recorded(ids, false))
end

-- Where there may be one nobody asks beforehand, which would cost as much as to write it: what has something against it
-- refuses it, and then its word is asked for.
local function add_record(ids)
  local is_alone = overtaken()
  local id = add_behind(ids, is_alone)
  if not id then
    is_alone = true
    id = add_behind(ids, is_alone)
  end
  if type(id) == 'table' then return '', select(2, unrecorded()) or 'refused' end
  return id, is_alone and 'alone' or ''
end

local answer = verdict()
if answer then return answer end
local record_id, said = '', ''

for i = MARKS + 1, LAST_MARK do
  redis.call('SET', KEYS[i], cycle_id, 'EX', i <= MARKS + count and ttl or cooldown)
end
if count > 0 then
  redis.call('INCRBY', daily, count)
  redis.call('EXPIREAT', daily, expires)
end
local ids, at, too_many = {}, INTENTS, count > 0 and excess() or 0
for i = 1, count do
  local last = at + tonumber(ARGV[at])
  ids[i] = add(at + 1, last, i == 1 and too_many or 0)
  at = last + 1
end
local joined = table.concat(ids, ' ')
if records then record_id, said = add_record(joined) end
redis.call('HSET', commit, 'seq', string.format('%.0f', tonumber(sequence) + 1), 'cycle_id', cycle_id,
           'intents', joined, 'record', record_id, 'open_seen', open_seen, 'since', since, 'supers', supers,
           'days', days, 'minute', minute)
for first = at, #ARGV, CHUNK do
  redis.call('XACK', signals, group, unpack(ARGV, first, math.min(first + CHUNK - 1, #ARGV)))
end
return {'done', record_id, said, unpack(ids)}
