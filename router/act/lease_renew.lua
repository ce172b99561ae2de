#!lua
-- Extends the lease if it is still ours.
--
-- KEYS  1 leader  2 commit hash
-- ARGV  1 our value  2 life in ms
-- returns  '' when it was extended, else who holds it, or 'nobody'
-- include common/redis/keys.lua
local trouble = wrong_type(KEYS[1], 'string')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
local holder = redis.call('GET', KEYS[1])
if holder ~= ARGV[1] then return holder and holder ~= '' and holder or 'nobody' end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
-- For lease_take.lua; a commit hash of a wrong type is the commit's trouble.
local now = redis.call('TIME')
redis.pcall('HSET', KEYS[2], 'held_until', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) + ARGV[2]),
            'lease_ms', ARGV[2])
return ''
