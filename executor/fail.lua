#!lua
-- The venue did not answer: the handling ended, and is not held against the intent.
--
-- KEYS  1 begun
-- ARGV  1 note: what went wrong
local begun, note = KEYS[1], ARGV[1]

if redis.call('EXISTS', begun) == 0 then return 0 end
redis.call('HSET', begun, 'note', note)
return redis.call('HINCRBY', begun, 'count', -1)
