#!lua
-- The executor arrives at Redis. A missing group is made, at the first intent that is young enough: nothing fresh is passed
-- over, and no backlog is executed. Its consumer is made, by which the router knows that somebody will finish what the group
-- is given. Dead consumers with nothing pending are removed. On paper, when the venue starts, a missing count of open orders
-- is made. What is held is written in full, without a time to live that another may have given it.
--
-- KEYS  1 intents  2 open orders  3 positions  4 what is held, if it is kept
-- ARGV  1 group  2 age in ms from which an intent is too old  3 our consumer  4 idle ms from which a consumer is dead
--       5 '1': make the count of open orders
-- returns  seconds, microseconds, '1' when the group was made, the count that was made or '', a list of what is open: id, value
--          in turn, then names that were removed
-- include executor/act/intent.lua
-- include executor/act/positions.lua
local intents, open_orders, positions, held = unpack(KEYS)
local group, age_ms, consumer, dead_ms, makes_count = unpack(ARGV)

local function has_group()
  if type_of(intents) == 'none' then return false end
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', intents)) do
    for i = 1, #info, 2 do
      if info[i] == 'name' and info[i + 1] == group then return true end
    end
  end
  return false
end

-- Behind the last one that is too old; '$' when none is young enough.
local function start_of_group()
  if type_of(intents) == 'none' then return '$' end
  local first = redis.call('XRANGE', intents, string.format('%.0f', math.max(0, now_ms() - age_ms)), '+', 'COUNT', 1)[1]
  if not first then return '$' end
  local before = redis.call('XREVRANGE', intents, '(' .. first[1], '-', 'COUNT', 1)[1]
  return before and before[1] or '0'
end

local function remove_dead()
  local removed = {}
  for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', intents, group)) do
    local fields = {}
    for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
    if fields.name ~= consumer and fields.pending == 0 and fields.idle > tonumber(dead_ms)
        and redis.acl_check_cmd('XGROUP', 'DELCONSUMER', intents, group, fields.name) then
      redis.call('XGROUP', 'DELCONSUMER', intents, group, fields.name)
      removed[#removed + 1] = fields.name
    end
  end
  return removed
end

local trouble = wrong_type(intents, 'stream') or wrong_type(positions, 'hash')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
trouble = unkept(held)
if trouble then return redis.error_reply(trouble) end
local made, count = not has_group(), ''
if made then redis.call('XGROUP', 'CREATE', intents, group, start_of_group(), 'MKSTREAM') end
if redis.acl_check_cmd('XGROUP', 'CREATECONSUMER', intents, group, consumer) then
  redis.call('XGROUP', 'CREATECONSUMER', intents, group, consumer)
end
if makes_count == '1' and type_of(open_orders) == 'none' then
  count = redis.call('HLEN', positions)
  redis.call('SET', open_orders, count)
end
if held then
  redis.call('DEL', held)
  write_held(held, positions)
end
local time = redis.call('TIME')
return {time[1], time[2], made and '1' or '0', tostring(count), redis.call('HGETALL', positions), unpack(remove_dead())}
