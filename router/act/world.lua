-- What looking and committing ask of the world, in the same words; included by both scripts.
-- include common/redis/keys.lua

local function group_of(stream, group)
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
    local fields = {}
    for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
    if fields.name == group then return fields end
  end
end

-- Ids below this are too old to be in flight.
local function oldest_in_flight(age_ms)
  local now = redis.call('TIME')
  return string.format('%.0f', math.max(0, now[1] * 1000 + math.floor(now[2] / 1000) - age_ms))
end

local function is_before(id, ms)
  return tonumber(string.match(id, '^%d+')) < tonumber(ms)
end

local function waits_until(stream, last, to)
  return last ~= LAST_ID and #redis.call('XRANGE', stream, '(' .. last, to, 'COUNT', 1) > 0
end

-- Whether the group has left something unfinished that is too old to be in flight.
local function is_behind(stream, info, oldest)
  if oldest == '0' then return false end
  local before, last = '(' .. oldest .. '-0', info['last-delivered-id']
  if info.pending > 0 and #redis.call('XPENDING', stream, info.name, '-', before, 1) > 0 then return true end
  return is_before(last, oldest) and waits_until(stream, last, before)
end

-- 0: the group is alive, as far as this user may know. -1: it has no consumer for what waits. Else since how many ms none of
-- its consumers was seen, of a group that is behind: one that blocks in a read is not seen either, so that says nothing
-- by itself.
local function silence(stream, info, oldest, idle_ms)
  if info.consumers == 0 then return waits_until(stream, info['last-delivered-id'], '+') and -1 or 0 end
  if not is_behind(stream, info, oldest) then return 0 end
  local least = math.huge
  for _, consumer in ipairs(consumers_of(stream, info.name) or {}) do least = math.min(least, consumer.idle) end
  return least < math.huge and least >= idle_ms and least or 0
end

-- How many intents not older than `age_ms` the group has not finished: pending, or not yet given to it. Counted, because the
-- lag that Redis keeps can be null; and counted to `most`, because more makes no difference. Where `group` is '' nobody
-- asks. -1: there is no such group or stream. A dead one is not counted, and its silence told beside; where `idle_ms` is
-- negative it counts, dead or not. What was counted comes behind: entries that wait, and what XPENDING says of the others.
local function in_flight(stream, group, age_ms, most, idle_ms)
  if group == '' then return 0, 0 end
  if type_of(stream) == 'none' then return -1, 0 end
  local info = group_of(stream, group)
  if not info then return -1, 0 end
  local oldest, last = oldest_in_flight(age_ms), info['last-delivered-id']
  local silent = idle_ms < 0 and 0 or silence(stream, info, oldest, idle_ms)
  if silent ~= 0 then return 0, silent end
  local from = is_before(last, oldest) and oldest or '(' .. last
  local waiting = last == LAST_ID and {} or redis.call('XRANGE', stream, from, '+', 'COUNT', most)
  local pending = redis.call('XPENDING', stream, group, oldest, '+', most)
  return math.min(#waiting + #pending, tonumber(most)), 0, waiting, pending
end
