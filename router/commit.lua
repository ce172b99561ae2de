#!lua
-- Makes a plan come true: all of it, or none. Checks everything first and writes after; what it refuses it has not begun.
-- The order of the writes is such that one that fails midway errs towards redelivery, which the marks catch, and never
-- towards loss: marks, daily counter, intents, commit hash, and the ACKs last. There is no policy here.
--
-- KEYS  1 signals  2 intents  3 open orders  4 safe mode  5 daily counter  6 commit hash  7… a mark for each intent
-- ARGV  1 group  2 epoch  3 sequence  4 open orders as the decision saw them  5 safe mode, the same ('1' set, '0' not)
--       6 how many bytes of a value are looked at  7 cycle id  8 marks' time to live  9 when the counter expires
--       10 length the intent stream is trimmed to  11 number of intents
--       then for each intent the number of its fields' arguments, and these; then the ids to ACK
-- returns  {'done', ids of the intents…} or {'moved' | 'fenced' | 'blocked', what}
local signals, intents, open_orders, safe_mode, daily, commit = unpack(KEYS, 1, 6)
local group, epoch, sequence, open_seen, safe_seen = unpack(ARGV, 1, 5)
local most, cycle_id, ttl, expires, maxlen = tonumber(ARGV[6]), ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local count = tonumber(ARGV[11])
local CHUNK = 1000 -- unpack() ends near 8,000

local function type_of(key)
  return redis.call('TYPE', key).ok
end

local function seen(key)
  local kind = type_of(key)
  if kind == 'none' then return 'missing' end
  if kind ~= 'string' then return 'type:' .. kind end
  return 'text:' .. redis.call('GETRANGE', key, 0, most)
end

local function wrong_type(key, wanted)
  local kind = type_of(key)
  if kind ~= wanted and kind ~= 'none' then return key .. ' is a ' .. kind .. ', not a ' .. wanted end
end

-- Redis counts to 2^63-1; here a number is exact to 2^53, far beyond any day's trades.
local function counter_trouble()
  local value = redis.call('GET', daily)
  if not value then return nil end
  if not string.match(value, '^%d+$') or #value > 15 then return daily .. ' is no sound counter' end
end

local function forbidden()
  local commands = {
    {'XACK', signals, group, '0-1'}, {'HSET', commit, 'seq', '0'},
    {'XADD', intents, '*', 'f', 'v'}, {'INCRBY', daily, '1'}, {'EXPIREAT', daily, expires},
  }
  for i = 7, #KEYS do commands[#commands + 1] = {'SET', KEYS[i], '1'} end
  for _, command in ipairs(commands) do
    if not redis.acl_check_cmd(unpack(command)) then
      return 'NOPERM this user may not run ' .. command[1] .. ' on ' .. command[2]
    end
  end
end

local trouble = wrong_type(commit, 'hash')
if trouble then return {'blocked', trouble} end
local fence = redis.call('HMGET', commit, 'epoch', 'seq')
if fence[1] ~= epoch then return {'fenced', 'epoch'} end
if fence[2] ~= sequence then return {'fenced', 'sequence'} end
trouble = wrong_type(signals, 'stream') or wrong_type(intents, 'stream') or wrong_type(daily, 'string')
  or counter_trouble() or forbidden()
if trouble then return {'blocked', trouble} end
if seen(open_orders) ~= open_seen then return {'moved', 'open orders'} end
if tostring(redis.call('EXISTS', safe_mode)) ~= safe_seen then return {'moved', 'safe mode'} end
if tonumber(redis.call('TIME')[1]) >= tonumber(expires) then return {'moved', 'the day'} end
for i = 7, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then return {'moved', 'a mark'} end
end

for i = 7, #KEYS do redis.call('SET', KEYS[i], cycle_id, 'EX', ttl) end
if count > 0 then
  redis.call('INCRBY', daily, count)
  redis.call('EXPIREAT', daily, expires)
end
local done, at = {'done'}, 12
for _ = 1, count do
  local last = at + tonumber(ARGV[at])
  done[#done + 1] = redis.call('XADD', intents, 'MAXLEN', '~', maxlen, '*', unpack(ARGV, at + 1, last))
  at = last + 1
end
redis.call('HSET', commit, 'seq', string.format('%.0f', tonumber(sequence) + 1), 'cycle_id', cycle_id,
           'intents', table.concat(done, ' ', 2))
for first = at, #ARGV, CHUNK do
  redis.call('XACK', signals, group, unpack(ARGV, first, math.min(first + CHUNK - 1, #ARGV)))
end
return done
