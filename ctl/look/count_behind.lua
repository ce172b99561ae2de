#!lua flags=no-writes
-- How many entries lie behind a position: a page of them counted in Redis, so that none goes over the wire.
--
-- KEYS  1 stream
-- ARGV  1 behind this id  2 up to this one  3 so many at most
-- returns  how many, and the id of the last one
-- include common/redis/keys.lua
local trouble = wrong_type(KEYS[1], 'stream')
if trouble then return redis.error_reply(trouble) end
if ARGV[1] == LAST_ID then return {0, ARGV[1]} end
local found = redis.call('XRANGE', KEYS[1], '(' .. ARGV[1], ARGV[2], 'COUNT', ARGV[3])
return {#found, #found > 0 and found[#found][1] or ARGV[1]}
