#!lua
-- An adapter's answer to an order that was handed over: the position is kept, changed or let go, open orders follow, the
-- intent's result is written, and the answer is ACKed. As open.lua: checks first, writes after.
--
-- KEYS  1 answers  2 positions  3 exits  4 open orders  5 results
-- ARGV  1 group  2 id of the answer's entry  3 the record's key: 'positions', 'exits' or ''  4 its id  5 as it was
--       6 as it becomes, or '': it goes  7 length the results are trimmed to  8 number of the result's arguments, then these
--       then ids of further positions that go
-- returns  {'done', positions}, {'gone'}: the answer is pending no more, or {'moved'}: the record is not as it was
-- include executor/intent.lua
local answers, positions, exits, open_orders, results = unpack(KEYS)
local group, id, where, record, was, becomes, maxlen, result_count = unpack(ARGV, 1, 8)
local RESULT, FURTHER = 9, 9 + tonumber(result_count)
local hash = where == 'exits' and exits or positions

local trouble = unreadable(answers, group) or wrong_type(positions, 'hash') or wrong_type(exits, 'hash')
  or wrong_type(results, 'stream') or exhausted(results) or forbidden({
    {'HSET', hash, record, '1'}, {'HDEL', hash, record}, {'HDEL', positions, record}, {'SET', open_orders, '1', 'XX'},
    {'XADD', results, '*', 'f', 'v'}, {'XACK', answers, group, id},
  })
if trouble then return redis.error_reply(trouble) end
if not is_pending(answers, group, id) then return {'gone'} end
if where ~= '' and redis.call('HGET', hash, record) ~= was then return {'moved'} end

if where ~= '' then
  if becomes ~= '' then redis.call('HSET', hash, record, becomes) else redis.call('HDEL', hash, record) end
end
for i = FURTHER, #ARGV do redis.call('HDEL', positions, ARGV[i]) end
write_open(open_orders, positions)
if FURTHER > RESULT then
  redis.call('XADD', results, 'MAXLEN', '~', maxlen, '*', unpack(ARGV, RESULT, FURTHER - 1))
end
redis.call('XACK', answers, group, id)
return {'done', redis.call('HLEN', positions)}
