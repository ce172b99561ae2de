#!lua flags=no-writes
-- Reads, at one moment, all that a decision looks at.
--
-- KEYS  1 open orders  2 safe mode  3 commit hash  4… the candidates' marks
-- ARGV  1 how many bytes of a value are looked at
-- returns  seconds, microseconds, open orders (as seen() says), safe mode (the same), its time to live, epoch, sequence,
--          and for each mark '1' if it is there or '0'
local most = tonumber(ARGV[1])

local function seen(key)
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then return 'missing' end
  if kind ~= 'string' then return 'type:' .. kind end
  return 'text:' .. redis.call('GETRANGE', key, 0, most)
end

local now = redis.call('TIME')
local fence = redis.call('HMGET', KEYS[3], 'epoch', 'seq')
local marks = {}
for i = 4, #KEYS do
  marks[i - 3] = redis.call('EXISTS', KEYS[i])
end
return {now[1], now[2], seen(KEYS[1]), seen(KEYS[2]), redis.call('TTL', KEYS[2]),
        fence[1] or '', fence[2] or '', table.concat(marks)}
