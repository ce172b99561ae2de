#!lua
-- Raises the fence: a new epoch in the commit hash. A commit of an older connection, however late it arrives, names
-- another epoch and is refused. Written before the new connection reads what is pending.
--
-- KEYS  1 commit hash
-- ARGV  1 epoch
-- returns  seconds, microseconds, sequence, and the marker of the last commit: cycle id (or nil), ids of its intents
redis.call('HSET', KEYS[1], 'epoch', ARGV[1])
redis.call('HSETNX', KEYS[1], 'seq', '0')
local now = redis.call('TIME')
local last = redis.call('HMGET', KEYS[1], 'seq', 'cycle_id', 'intents')
return {now[1], now[2], last[1], last[2] or '', last[3] or ''}
