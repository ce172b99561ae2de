-- What the scripts that look at an intent, and those that end it, ask of the world; included by all of them.
-- include common/redis/keys.lua

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function is_pending(stream, group, id)
  return #redis.call('XPENDING', stream, group, id, id, 1) > 0
end

-- The count of open orders, or nil where it is missing or no canonical number.
local function count_of(key)
  if type_of(key) ~= 'string' then return nil end
  local text = redis.call('GET', key)
  if (text == '0' or string.match(text, '^[1-9]%d*$')) and #text <= 15 then return tonumber(text) end
end

-- How often it was counted in its window. One that would never expire counts nothing, so that it cannot lock for ever.
local function rate_of(key)
  local text = redis.call('GET', key)
  if not text or redis.call('PTTL', key) < 0 then return 0 end
  return tonumber(text) or 0
end

local function raise_rate(key, seconds)
  if rate_of(key) == 0 then redis.call('SET', key, '1', 'EX', seconds) else redis.call('INCR', key) end
end

-- What is open in a symbol: a list of id, value by turns.
local function positions_of(positions, symbol)
  local all, found = redis.call('HGETALL', positions), {}
  for i = 1, #all, 2 do
    local sound, position = pcall(cjson.decode, all[i + 1])
    if sound and type(position) == 'table' and position.symbol == symbol then
      found[#found + 1] = all[i]
      found[#found + 1] = all[i + 1]
    end
  end
  return found
end

-- The number of positions that exist, never a step up or down. Missing stays missing: then nobody knows what else is open.
local function write_open(open_orders, positions)
  redis.call('SET', open_orders, redis.call('HLEN', positions), 'XX')
end
