#!lua flags=allow-oom
-- Removes a consumer, unless it was seen lately or has entries pending, which would be lost with it. Both are checked in the
-- moment of the removal. Allowed when memory has run out: it makes room.
--
-- KEYS  1 stream
-- ARGV  1 group  2 consumer  3 idle for so many ms at least
-- returns  'removed', 'active', 'pending' or 'gone'
-- include common/redis/keys.lua
local consumers, trouble = consumers_of(KEYS[1], ARGV[1])
trouble = trouble or forbidden({{'XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]}})
if trouble then return redis.error_reply(trouble) end
for _, found in ipairs(consumers) do
  if found.name == ARGV[2] then
    if found.idle < tonumber(ARGV[3]) then return 'active' end
    if found.pending > 0 then return 'pending' end
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return 'removed'
  end
end
return 'gone'
