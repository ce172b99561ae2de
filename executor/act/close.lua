#!lua
-- An exit is executed: the positions are closed ('close'), or their closing is handed to an adapter ('hand'), or they would
-- have been ('would'). As open.lua: checks first, writes after, and the ACK last.
--
-- KEYS  1 intents  2 mark  3 open orders  4 positions  5 begun  6 results, or with 'hand' the adapter's orders
--       7 exits that were handed over  8 the symbol's last exits  9 what is held, if it is kept
-- ARGV  1 group  2 id of the entry  3 'close', 'hand' or 'would'  4 the mark's time to live  5 its value
--       6 too old from this ms on  7 exit, as it is kept until the adapter's answer  8 length the output is trimmed to
--       9 sides of the openings that it ends: those of lower id  10 number of positions, then of each: its id, its value as it
--       was, as it becomes ('': it goes); then the output's fields
-- returns  {'done', positions}, {'gone', mark}, {'end', outcome}, or {'moved'}: a position is not as it was
-- include executor/act/intent.lua
-- include executor/act/positions.lua
local intents, mark, open_orders, positions, begun, output, exits, last_exit, held = unpack(KEYS)
local group, id, kind, mark_ttl, mark_value, deadline, exit, maxlen, sides = unpack(ARGV, 1, 9)
local FIRST, OUTPUT = 11, 11 + 3 * tonumber(ARGV[10])

local trouble = unreadable(intents, group) or wrong_type(positions, 'hash')
  or wrong_type(output, 'stream') or kind == 'hand' and wrong_type(exits, 'hash')
  or exhausted(output) or forbidden({
    {'SET', mark, '1'}, {'HDEL', positions, id}, {'HSET', positions, id, '1'}, {'SET', open_orders, '1', 'XX'},
    {'HSET', exits, id, '1'}, {'HSET', last_exit, 'BUY', '1'}, {'EXPIRE', last_exit, '1'}, {'XADD', output, '*', 'f', 'v'},
    {'DEL', begun}, {'XACK', intents, group, id},
  }) or unkept(held)
if trouble then return redis.error_reply(trouble) end
trouble = wrong_type(mark, 'string') or wrong_type(begun, 'hash') or unsound_exit(last_exit)
if trouble then return refuse_symbol(trouble) end
if not is_pending(intents, group, id) then return {'gone', redis.call('GET', mark) or ''} end
if redis.call('EXISTS', mark) == 1 then return {'end', 'duplicate'} end
if now_ms() > tonumber(deadline) then return {'end', 'stale'} end
for i = FIRST, OUTPUT - 1, 3 do
  if redis.call('HGET', positions, ARGV[i]) ~= ARGV[i + 1] then return {'moved'} end
end

redis.call('SET', mark, mark_value, 'EX', mark_ttl)
leave_exit(last_exit, sides, id, mark_ttl)
if kind == 'hand' then redis.call('HSET', exits, id, exit) end
if kind ~= 'would' then
  for i = FIRST, OUTPUT - 1, 3 do
    if ARGV[i + 2] ~= '' then
      redis.call('HSET', positions, ARGV[i], ARGV[i + 2])
    else
      redis.call('HDEL', positions, ARGV[i])
    end
  end
end
if kind == 'close' then write_open(open_orders, positions, held) end
redis.call('XADD', output, 'MAXLEN', '~', maxlen, '*', unpack(ARGV, OUTPUT))
redis.call('DEL', begun)
redis.call('XACK', intents, group, id)
return {'done', redis.call('HLEN', positions)}
