#!lua
-- Takes the lease, or says who holds it; and with the lease raises the fence: a new epoch in the commit hash. A commit of
-- an older connection, however late it arrives, names another epoch and is refused. Run before anything pending is read.
--
-- KEYS  1 leader  2 commit hash
-- ARGV  1 our new value, instance:token  2 life in ms  3 our last value, or ''  4 epoch
--       5 'instance:' of which any lease may be taken over, or ''
-- returns  {'taken', seconds, microseconds, sequence, cycle id, ids of its intents, resumed, origin}, or {'held',
--          holder, ms left}. The origin is drawn when the commit hash is made, and goes when it goes
local leader, commit = KEYS[1], KEYS[2]
local mine, life_ms, last, epoch, instance = unpack(ARGV)

local holder = redis.call('GET', leader)
local free = not holder or holder == last or (instance ~= '' and string.sub(holder, 1, #instance) == instance)
if not free then return {'held', holder, redis.call('PTTL', leader)} end

redis.call('HSET', commit, 'epoch', epoch)
redis.call('HSETNX', commit, 'seq', '0')
redis.call('HSETNX', commit, 'origin', epoch)
redis.call('SET', leader, mine, 'PX', life_ms)
local now = redis.call('TIME')
local was = redis.call('HMGET', commit, 'seq', 'cycle_id', 'intents', 'resumed', 'origin')
return {'taken', now[1], now[2], was[1], was[2] or '', was[3] or '', was[4] or '', was[5]}
