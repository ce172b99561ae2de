-- What the scripts that look at an intent, and those that end it, ask of the world; included by all of them.
-- include common/redis/keys.lua

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Why nothing can be asked about what is pending: a wrong type, no such group, a right that lacks.
local function unreadable(stream, group)
  return wrong_type(stream, 'stream') or redis.pcall('XPENDING', stream, group, '-', '+', 1).err
end

local function is_pending(stream, group, id)
  return #redis.call('XPENDING', stream, group, id, id, 1) > 0
end

-- What is wrong with a key of one symbol, or of one intent, delays that symbol's intents and no other's: an error of this code.
local function refuse_symbol(trouble)
  return redis.error_reply('SYMBOLKEY ' .. trouble)
end

-- The count of open orders, or nil where it is missing or no canonical number.
local function count_of(key)
  if type_of(key) ~= 'string' then return nil end
  local text = redis.call('GET', key)
  if is_count(text) then return tonumber(text) end
end

-- Within its window, which has so many seconds. One that would never expire counts nothing, so that it cannot lock for ever;
-- nor does one that would outlive its window, because Redis' clock was set back.
local function is_counting(key, seconds)
  local left = redis.call('PTTL', key)
  return left >= 0 and left <= seconds * 1000
end

-- How often it was counted in its window.
local function rate_of(key, seconds)
  return is_counting(key, seconds) and tonumber(redis.call('GET', key)) or 0
end

-- A rate that could not be counted on from: of another type, or within its window no count.
local function unsound_rate(key, seconds)
  local wrong = wrong_type(key, 'string')
  if wrong or not is_counting(key, seconds) then return wrong end
  local text = redis.call('GETRANGE', key, 0, 32)
  if not is_count(text) then return key .. ' is ' .. quoted(text) .. ', not a count' end
end

-- The count of beginnings, which begin.lua and fail.lua step.
local function unsound_begun(key)
  local wrong = wrong_type(key, 'hash')
  local count = not wrong and redis.call('HGET', key, 'count')
  if count and not is_count(string.gsub(count, '^%-', '')) then
    return 'the count in ' .. key .. ' is ' .. quoted(count) .. ', not a count'
  end
  return wrong
end

local function raise_rate(key, seconds)
  if rate_of(key, seconds) == 0 then redis.call('SET', key, '1', 'EX', seconds) else redis.call('INCR', key) end
end

-- --- the last exits of a symbol: a hash, of each side the highest entry id of an exit that closes it. An opening of lower
-- id opens no more, no matter who has it and when it is read.

local PART_MAX = '18446744073709551615'

local function is_part(text)
  return is_canonical(text) and (#text < #PART_MAX or #text == #PART_MAX and text <= PART_MAX)
end

local function is_id(text)
  local ms, seq = string.match(text, '^(%d+)%-(%d+)$')
  return ms and is_part(ms) and is_part(seq)
end

local function is_before(id, other)
  local ms, seq = string.match(id, '(%d+)%-(%d+)')
  local other_ms, other_seq = string.match(other, '(%d+)%-(%d+)')
  if ms == other_ms then ms, other_ms = seq, other_seq end
  if #ms ~= #other_ms then return #ms < #other_ms end
  return ms < other_ms
end

local function unsound_exit(key)
  local wrong = wrong_type(key, 'hash')
  for _, side in ipairs(wrong and {} or {'BUY', 'SELL'}) do
    local id = redis.call('HGET', key, side)
    if id and not is_id(id) then return side .. ' in ' .. key .. ' is ' .. quoted(id) .. ', not an id' end
  end
  return wrong
end

local function is_superseded(key, side, id)
  local exit = redis.call('HGET', key, side)
  return exit and is_before(id, exit)
end

-- `sides`: what the exit closes, 'BUY', 'SELL' or both; '' for what is no exit. It lives on as long as any that it outlasts.
local function leave_exit(key, sides, id, seconds)
  for side in string.gmatch(sides, '%u+') do
    local before = redis.call('HGET', key, side)
    if not before or is_before(before, id) then redis.call('HSET', key, side, id) end
  end
  if sides ~= '' and redis.call('TTL', key) < tonumber(seconds) then redis.call('EXPIRE', key, seconds) end
end
