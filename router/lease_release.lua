#!lua
-- Gives the lease up if it is still ours.
--
-- KEYS  1 leader
-- ARGV  1 our value
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'OK'
