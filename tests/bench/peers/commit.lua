#!lua
-- What the peers commit with: the intents, their marks, the day's count and the ACKs in one go, if the world is still as
-- the decision saw it.
--
-- KEYS  1 signals  2 intents  3 open orders  4 safe mode  5 daily counter, then a mark for each intent
-- ARGV  1 group  2 open orders as they were  3 number of intents  4 marks' time to live, then for each intent its payload,
--       timestamp, trace id and correlation id; then the ids to ACK
-- returns  1, or 0 when the world has moved
local count = tonumber(ARGV[3])
if redis.call('GET', KEYS[3]) ~= ARGV[2] or redis.call('EXISTS', KEYS[4]) == 1 then return 0 end
for i = 1, count do
  local payload, timestamp, trace, correlation = unpack(ARGV, 1 + 4 * i, 4 + 4 * i)
  redis.call('SET', KEYS[5 + i], '1', 'EX', ARGV[4])
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', '10000', '*', 'event_type', 'trade.intent', 'payload', payload,
             'timestamp', timestamp, 'source', 'peer', 'trace_id', trace, 'correlation_id', correlation)
end
if count > 0 then redis.call('INCRBY', KEYS[5], count) end
for first = 5 + 4 * count, #ARGV, 1000 do
  redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, first, math.min(first + 999, #ARGV)))
end
return 1
