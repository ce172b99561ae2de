#!lua flags=allow-oom
-- Trims a stream, but only entries that every group has finished: given to it, and not pending. It looks at the groups in the
-- same moment, and works in steps, so that Redis is never held up for long. Allowed when memory has run out: it makes room.
--
-- KEYS  1 stream
-- ARGV  1 entries before this id are old enough  2 so many in one step, about; 0: only say
-- returns  entries before this id may go, the group that holds the others back or '', entries removed, '1' if that was all
-- include common/redis/keys.lua
local function parts(id)
  return string.match(id, '^(%d+)-(%d+)$')
end

-- Numbers without leading zeros compare by length, then as text: an id has more digits than a Lua number can hold.
local function is_less(a, b)
  local a_ms, a_seq = parts(a)
  local b_ms, b_seq = parts(b)
  if #a_ms ~= #b_ms then return #a_ms < #b_ms end
  if a_ms ~= b_ms then return a_ms < b_ms end
  if #a_seq ~= #b_seq then return #a_seq < #b_seq end
  return a_seq < b_seq
end

-- The next id, or the same where the next one cannot be told: then that entry stays.
local function after(id)
  local ms, seq = parts(id)
  if #seq > 15 then return id end
  return ms .. '-' .. string.format('%.0f', tonumber(seq) + 1)
end

-- The first id that the group has not finished.
local function unfinished(group)
  local oldest = redis.call('XPENDING', KEYS[1], group.name)[2]
  local next_one = after(group['last-delivered-id'])
  return oldest and is_less(oldest, next_one) and oldest or next_one
end

local trouble = wrong_type(KEYS[1], 'stream')
  or ARGV[2] ~= '0' and forbidden({{'XTRIM', KEYS[1], 'MINID', '~', ARGV[1], 'LIMIT', ARGV[2]}})
if trouble then return redis.error_reply(trouble) end
local before, holder = ARGV[1], ''
if type_of(KEYS[1]) == 'none' then return {before, holder, 0, '1'} end
for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  local group = {}
  for i = 1, #info, 2 do group[info[i]] = info[i + 1] end
  local from = unfinished(group)
  if is_less(from, before) then before, holder = from, group.name end
end
if ARGV[2] == '0' then return {before, holder, 0, '1'} end
local removed = redis.call('XTRIM', KEYS[1], 'MINID', '~', before, 'LIMIT', ARGV[2])
if removed > 0 then return {before, holder, removed, '0'} end
return {before, holder, redis.call('XTRIM', KEYS[1], 'MINID', before), '1'}
