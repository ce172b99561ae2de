#!lua
-- Gives the lease up if it is still ours.
--
-- KEYS  1 leader  2 commit hash
-- ARGV  1 our value
-- include common/redis/keys.lua
local trouble = wrong_type(KEYS[1], 'string')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  -- For lease_take.lua: the connection that reads is closed in a moment.
  local now = redis.call('TIME')
  redis.pcall('HSET', KEYS[2], 'held_until', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + 300))
end
return 'OK'
