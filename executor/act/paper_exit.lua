#!lua
-- A position closes by itself, and is told as a result.
--
-- KEYS  1 open orders  2 positions  3 results  4 what is held, if it is kept
-- ARGV  1 id of the position  2 length the results are trimmed to, then the result's fields
-- returns  {'done', positions} or {'gone'}: it was closed already
-- include executor/act/intent.lua
-- include executor/act/positions.lua
local open_orders, positions, results, held = unpack(KEYS)
local id, maxlen = ARGV[1], ARGV[2]

local trouble = wrong_type(positions, 'hash') or wrong_type(results, 'stream')
  or exhausted(results) or forbidden({{'HDEL', positions, id}, {'SET', open_orders, '1', 'XX'}, {'XADD', results, '*', 'f', 'v'}})
  or unkept(held)
if trouble then return redis.error_reply(trouble) end
if redis.call('HEXISTS', positions, id) == 0 then return {'gone'} end
redis.call('HDEL', positions, id)
write_open(open_orders, positions, held)
redis.call('XADD', results, 'MAXLEN', '~', maxlen, '*', unpack(ARGV, 3))
return {'done', redis.call('HLEN', positions)}
