#!lua
-- Writes what is held, the count and the hash at one moment, and how long both live without the next look; or that it is
-- not known: then neither of them is there. Where a key is of a wrong type it is not known either: that key is somebody
-- else's and stays, the other one goes.
--
-- KEYS  1 open orders  2 positions
-- ARGV  1 their time to live in ms  2 the count, or '' when it is not known  then a field and its value for each symbol
-- returns  {'done', open orders before, as seen() says, '1' when something changed or '0'} or {'foreign', which key and why}
-- include common/redis/keys.lua
local open_orders, positions = unpack(KEYS)
local ttl, count = unpack(ARGV, 1, 2)
local PAIRS, CHUNK = 3, 1000 -- unpack() ends near 8,000
local MOST = 63

local function remove_what_is_ours()
  if not wrong_type(open_orders, 'string') then redis.call('DEL', open_orders) end
  if not wrong_type(positions, 'hash') then redis.call('DEL', positions) end
end

local function is_there_already()
  if redis.call('GET', open_orders) ~= count then return false end
  if redis.call('HLEN', positions) * 2 ~= #ARGV - PAIRS + 1 then return false end
  for first = PAIRS, #ARGV, CHUNK do
    local fields, last = {}, math.min(first + CHUNK - 1, #ARGV)
    for i = first, last, 2 do fields[#fields + 1] = ARGV[i] end
    local values = redis.call('HMGET', positions, unpack(fields))
    for i, value in ipairs(values) do
      if value ~= ARGV[first + 2 * i - 1] then return false end
    end
  end
  return true
end

local function write()
  redis.call('DEL', positions)
  for first = PAIRS, #ARGV, CHUNK do
    redis.call('HSET', positions, unpack(ARGV, first, math.min(first + CHUNK - 1, #ARGV)))
  end
  redis.call('SET', open_orders, count)
end

local denied = forbidden({
  {'DEL', open_orders}, {'DEL', positions}, {'SET', open_orders, '0'}, {'HSET', positions, 'f', 'v'},
  {'PEXPIRE', open_orders, ttl}, {'PEXPIRE', positions, ttl},
})
if denied then return redis.error_reply(denied) end
local foreign = wrong_type(open_orders, 'string') or wrong_type(positions, 'hash')
if foreign then
  remove_what_is_ours()
  return {'foreign', foreign}
end
local before = seen(open_orders, MOST)
if count == '' then
  local removed = redis.call('DEL', open_orders) + redis.call('DEL', positions)
  return {'done', before, removed > 0 and '1' or '0'}
end
local is_same = is_there_already()
if not is_same then write() end
redis.call('PEXPIRE', open_orders, ttl)
redis.call('PEXPIRE', positions, ttl)
return {'done', before, is_same and '0' or '1'}
