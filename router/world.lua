-- What looking and committing ask of the world, in the same words; included by both scripts.
-- include common/redis/keys.lua

local function last_delivered(stream, group)
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local fields = {}
    for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
    if fields.name == group then return fields['last-delivered-id'] end
  end
end

-- Ids below this are too old to be in flight.
local function oldest_in_flight(age_ms)
  local now = redis.call('TIME')
  return string.format('%.0f', math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - age_ms))
end

-- How many intents not older than `age_ms` the group has not finished: pending, or not yet given to it. Counted, because the
-- lag that Redis keeps can be null; and counted to `most`, because more makes no difference. Where `group` is '' nobody
-- asks. -1: there is no such group or stream.
local function in_flight(stream, group, age_ms, most)
  if group == '' then return 0 end
  if type_of(stream) == 'none' then return -1 end
  local last = last_delivered(stream, group)
  if not last then return -1 end
  local oldest = oldest_in_flight(age_ms)
  local from = '(' .. last
  if tonumber(string.match(last, '^%d+')) < tonumber(oldest) then from = oldest end
  local waiting = last == LAST_ID and 0 or #redis.call('XRANGE', stream, from, '+', 'COUNT', most)
  local pending = #redis.call('XPENDING', stream, group, oldest, '+', most)
  return math.min(waiting + pending, tonumber(most))
end
