#!lua
-- Takes the lease, or says who holds it; and with the lease raises the fence: a new epoch in the commit hash. A commit of
-- an older connection, however late it arrives, names another epoch and is refused. Run before anything pending is read.
-- Taken or not, it looks at the server: one that the commit hash was not written on may lack what was written last. The
-- moment it was first seen is kept; who takes the lease there, and cannot know that it is whole, holds back what is older.
--
-- KEYS  1 leader  2 commit hash  3 signals
-- ARGV  1 our new value, instance:token  2 life in ms  3 our last value, or ''  4 epoch
--       5 'instance:' of which any lease may be taken over, or ''  6 group  7 consumer
--       8 a lease and its last renewal that we were told of, and have since waited out by our own clock, or '': the key
--       lives longer when Redis' clock is set back, its holder does not
--       9 cycle ids between blanks: one of them is the last commit, where nothing is lacking; 'none': there was none
-- returns  {'taken', seconds, microseconds, sequence, cycle id, ids of its intents, resumed, origin, shared, id of its record},
--          or {'held', holder, ms left by its last renewal, the lease and that renewal},
--          or an error that names the key of a wrong type. The origin is drawn when the commit hash is made, and goes when
--          it goes. Shared: how many ms ago somebody read under our consumer's name who held no lease, or -1
-- include common/redis/keys.lua
-- include common/redis/server.lua
-- include router/act/commit_hash.lua
local leader, commit, signals = KEYS[1], KEYS[2], KEYS[3]
local mine, life_ms, last, epoch, instance, group, consumer, dead, made = unpack(ARGV)

-- nil where it never read, and where we may not ask.
local function silent_ms()
  for _, one in ipairs(consumers_of(signals, group) or {}) do
    if one.name == consumer then return one.idle end
  end
end

local function text_of(ms)
  return string.format('%.0f', ms)
end

local trouble = wrong_type(leader, 'string') or wrong_type(commit, 'hash')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
trouble = swollen(commit)
if trouble then return redis.error_reply('ERR ' .. trouble) end
local sequence = redis.call('HMGET', commit, 'seq')[1]
if sequence and not is_count(sequence) then
  return redis.error_reply('ERR seq in ' .. commit .. ' is ' .. quoted(sequence) .. ', not a count')
end
local renewal = redis.call('HMGET', commit, 'held_until', 'lease_ms')

-- By what its holder gave it at its last renewal, where that is less.
local function left_ms()
  local left, life = redis.call('PTTL', leader), renewal[2]
  return life and is_count(life) and left > tonumber(life) and tonumber(life) or left
end

local holder = redis.call('GET', leader)
local lease = holder and holder .. ' ' .. (renewal[1] or '')
local free = not holder or holder == last or (instance ~= '' and string.sub(holder, 1, #instance) == instance) or lease == dead

local now = redis.call('TIME')
local now_ms = now[1] * 1000 + math.floor(now[2] / 1000)
local run, repl, promoted = this_server()
local kept = redis.call('HMGET', commit, 'run_id', 'repl_id', 'seen_server', 'seen_ms', 'cycle_id', 'resumed', 'origin')
local server, other = run .. ' ' .. repl, is_other(run, repl, promoted, kept[1], kept[2])
local seen_ms = kept[3] == server and kept[4] and is_count(kept[4]) and tonumber(kept[4]) or now_ms
if other then redis.call('HSET', commit, 'seen_server', server, 'seen_ms', text_of(seen_ms)) end
if not free then
  -- For the holder: it is not alone.
  if kept[7] then redis.call('HSET', commit, 'asked', text_of(now_ms)) end
  return {'held', holder, left_ms(), lease}
end
if other and not string.find(made, ' ' .. (kept[5] or 'none') .. ' ', 1, true) then
  redis.call('HSET', commit, 'unsure_since', text_of(seen_ms), 'unsure_resumed', kept[6] or '')
end
if run ~= '' then redis.call('HSET', commit, 'run_id', run, 'repl_id', repl) end

redis.call('HSET', commit, 'epoch', epoch)
redis.call('HSETNX', commit, 'seq', '0')
redis.call('HSETNX', commit, 'origin', epoch)
redis.call('SET', leader, mine, 'PX', life_ms)
-- Who held it may have read up to this moment; nobody else may have later.
local held_until = holder and now_ms or tonumber(renewal[1] or '0') or now_ms
local silent = silent_ms()
local shared = silent and now_ms - silent > held_until and silent or -1
redis.call('HSET', commit, 'held_until', text_of(now_ms + life_ms), 'lease_ms', life_ms)
local was = redis.call('HMGET', commit, 'seq', 'cycle_id', 'intents', 'resumed', 'origin', 'record')
return {'taken', now[1], now[2], was[1], was[2] or '', was[3] or '', was[4] or '', was[5], shared, was[6] or ''}
