#!lua flags=allow-oom
-- ACKs what was dropped for its age, if all of it is too old, or too far ahead, by Redis' clock in the moment of the ACK.
-- The one who dropped it knew that clock from an earlier answer, and it may have been set since: then nothing is ACKed, and all is
-- to be judged once more. As little memory is needed as for an XACK, which goes through where there is no more.
--
-- KEYS  1 stream
-- ARGV  1 group  2 only after this ms  3 only before this ms, or ''; then the ids
-- returns  {seconds, microseconds, 1 when they were ACKed or 0}
-- include common/redis/keys.lua
local stream = KEYS[1]
local group, after_ms, before_ms = unpack(ARGV, 1, 3)
local IDS = 4

local trouble = wrong_type(stream, 'stream')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
trouble = forbidden({{'XACK', stream, group, '0-1'}})
if trouble then return redis.error_reply(trouble) end
local time = redis.call('TIME')
local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
local holds = now_ms > tonumber(after_ms) and (before_ms == '' or now_ms < tonumber(before_ms))
if holds then redis.call('XACK', stream, group, unpack(ARGV, IDS)) end
return {time[1], time[2], holds and 1 or 0}
