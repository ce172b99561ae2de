#!lua
-- Removes a consumer, unless it was seen lately, or has entries pending, which would be lost with it: asked at the moment
-- of the removal.
--
-- KEYS  1 stream
-- ARGV  1 group  2 consumer  3 idle for so many ms at least
-- returns  'removed', 'active', 'pending' or 'gone'
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local found = {}
  for i = 1, #info, 2 do found[info[i]] = info[i + 1] end
  if found.name == ARGV[2] then
    if found.idle < tonumber(ARGV[3]) then return 'active' end
    if found.pending > 0 then return 'pending' end
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
    return 'removed'
  end
end
return 'gone'
