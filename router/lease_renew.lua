#!lua
-- Extends the lease if it is still ours.
--
-- KEYS  1 leader
-- ARGV  1 our value  2 life in ms
-- returns  '' when it was extended, else who holds it, or 'nobody'
local holder = redis.call('GET', KEYS[1])
if holder ~= ARGV[1] then return holder or 'nobody' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return ''
