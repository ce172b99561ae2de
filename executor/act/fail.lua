#!lua flags=allow-oom
-- Nothing came of it, through no fault of the intent: the beginning is taken back. A count that cannot be stepped is left as
-- it is: the next beginning complains of it. Allowed when memory has run out, which is one of the faults that it is about.
--
-- KEYS  1 begun
-- ARGV  1 note: what went wrong
-- include executor/act/intent.lua
local begun, note = KEYS[1], ARGV[1]

if type_of(begun) == 'none' or unsound_begun(begun) then return 0 end
local trouble = forbidden({{'HSET', begun, 'note', '1'}, {'HINCRBY', begun, 'count', '1'}})
if trouble then return redis.error_reply(trouble) end
redis.call('HSET', begun, 'note', note)
return redis.call('HINCRBY', begun, 'count', -1)
