#!lua
-- Counts that the handling of an intent begins, before the venue is asked. One that was counted and not taken back was cut
-- short, with its process or its connection. The note says why the last one was taken back.
--
-- KEYS  1 intents  2 begun
-- ARGV  1 group  2 id of the entry  3 time to live of the count
-- returns  {'begun', count, note} or {'gone'}: the entry is pending no more
-- include executor/act/intent.lua
local intents, begun = KEYS[1], KEYS[2]
local group, id, ttl = unpack(ARGV)

local trouble = unreadable(intents, group) or forbidden({{'HINCRBY', begun, 'count', '1'}, {'EXPIRE', begun, ttl}})
if trouble then return redis.error_reply(trouble) end
trouble = unsound_begun(begun)
if trouble then return refuse_symbol(trouble) end
if not is_pending(intents, group, id) then return {'gone'} end
local count = redis.call('HINCRBY', begun, 'count', 1)
redis.call('EXPIRE', begun, ttl)
return {'begun', count, redis.call('HGET', begun, 'note') or ''}
