#!lua
-- Removes the drain's consumer from the group, unless entries are pending for it, which would be lost. Removes the run's own
-- group when nothing is pending in it.
--
-- KEYS  1 stream
-- ARGV  1 group  2 consumer  3 '1': the group is the run's own, and it was given all there is
-- returns  what is pending in the group, or -1: the group is gone
-- include common/redis/keys.lua
local stream = KEYS[1]
local group, consumer, is_done = unpack(ARGV)

local consumers, trouble = consumers_of(stream, group)
if trouble then return redis.error_reply(trouble) end
for _, found in ipairs(consumers) do
  if found.name == consumer and found.pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', stream, group, consumer)
  end
end
local pending = redis.call('XPENDING', stream, group)[1]
if is_done == '1' and pending == 0 then
  redis.call('XGROUP', 'DESTROY', stream, group)
  return -1
end
return pending
