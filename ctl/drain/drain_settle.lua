#!lua
-- Settles a batch of entries in one step: each gets its line in the audit stream, those that are forwarded their copy, those
-- that cannot be processed their dead letter, and all are ACKed. An entry that is no longer pending for its owner was taken
-- by another consumer or settled before: nothing is written about it. Checks everything first and writes after.
--
-- Drops for age were decided by an earlier reading of Redis' clock, which may have been set since. Where one of them is not
-- too old by the clock now, nothing of the batch is settled, and all of it is to be judged once more.
--
-- KEYS  1 stream  2 audit stream  3 dead letters  4 where to forward to, or not given
-- ARGV  1 group  2 owner of what is pending  3 length the audit is trimmed to  4 that of the dead letters  5 drained_at_ts  6 run id
--       then for each entry, by rising ids: id, symbol, age, confidence, action, the number of its further arguments, and these:
--       one is the reason of its dead letter, more are its copy
--       and behind all entries the ms by Redis' clock after which each drop for age holds; 0: there is none
-- returns  the places in the batch, from 0, of those that were not settled; or {'again', seconds, microseconds}
-- include common/redis/keys.lua
-- include executor/act/dead_letter.lua
local stream, audit, dead_letters, forward = unpack(KEYS)
local group, owner, maxlen, dead_letter_maxlen, drained_at, run_id = unpack(ARGV, 1, 6)
local FIRST, WIDTH, CHUNK = 7, 6, 1000
local DEAD_LETTER = '1' -- as the number of further arguments: no copy has so few, for a field has a value

-- Where each entry begins, and whether one of them is a dead letter.
local function places()
  local found, at, has_dead_letters = {}, FIRST, false
  while at < #ARGV do
    local more = ARGV[at + WIDTH - 1]
    found[#found + 1] = at
    has_dead_letters = has_dead_letters or more == DEAD_LETTER
    at = at + WIDTH + tonumber(more)
  end
  return found, has_dead_letters
end

-- What cannot take another entry, and matters to this batch.
local function refused(has_dead_letters)
  local trouble = wrong_type(stream, 'stream') or redis.pcall('XPENDING', stream, group, '-', '+', 1).err
    or forbidden({{'XACK', stream, group, '0-1'}})
  local outputs = {audit, forward}
  if has_dead_letters then outputs[#outputs + 1] = dead_letters end
  for _, output in ipairs(outputs) do
    trouble = trouble or wrong_type(output, 'stream') or exhausted(output) or forbidden({{'XADD', output, '*', 'f', 'v'}})
  end
  return trouble
end

local begin, has_dead_letters = places()
local trouble = refused(has_dead_letters)
if trouble then return redis.error_reply(trouble) end
if #begin == 0 then return {} end
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
if now_ms <= tonumber(ARGV[#ARGV]) then return {'again', time[1], time[2]} end

local pending = {}
local range = redis.call('XPENDING', stream, group, ARGV[begin[1]], ARGV[begin[#begin]], #begin, owner)
for _, info in ipairs(range) do pending[info[1]] = true end

local function is_pending(id)
  return pending[id] or #redis.call('XPENDING', stream, group, id, id, 1, owner) > 0
end

local left, settled = {}, {}
for place, at in ipairs(begin) do
  local id, symbol, age, confidence, action, more = unpack(ARGV, at, at + WIDTH - 1)
  if is_pending(id) then
    redis.call('XADD', audit, 'MAXLEN', '~', maxlen, '*', 'original_id', id, 'symbol', symbol, 'age_sec', age, 'confidence',
               confidence, 'action', action, 'drained_at_ts', drained_at, 'run_id', run_id)
    if more == DEAD_LETTER then
      write_dead_letter(dead_letters, dead_letter_maxlen, stream, id, ARGV[at + WIDTH], '0', '')
    elseif more ~= '0' then
      redis.call('XADD', forward, '*', unpack(ARGV, at + WIDTH, at + WIDTH + tonumber(more) - 1))
    end
    settled[#settled + 1] = id
  else
    left[#left + 1] = place - 1
  end
end
for first = 1, #settled, CHUNK do
  redis.call('XACK', stream, group, unpack(settled, first, math.min(first + CHUNK - 1, #settled)))
end
return left
