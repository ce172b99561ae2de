#!lua flags=allow-oom
-- Moves a group: to the end, or back to an id, and then only while none of its consumers is alive. Allowed when memory has run out,
-- where what is not needed is skipped, so that the stream may be trimmed.
--
-- KEYS  1 stream
-- ARGV  1 group  2 '$', or the id behind which it goes on  3 a consumer seen within so many ms is alive; 0: whatever
-- returns  'moved', or {'alive', consumer, idle ms}
-- include common/redis/keys.lua
local consumers, trouble = consumers_of(KEYS[1], ARGV[1])
trouble = trouble or forbidden({{'XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[2]}})
if trouble then return redis.error_reply(trouble) end
for _, found in ipairs(consumers) do
  if found.idle < tonumber(ARGV[3]) then return {'alive', found.name, found.idle} end
end
-- Without a count of what was read: a restart would read this count from the append-only file, and not what was added since.
redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], ARGV[2])
return 'moved'
