#!lua
-- An adapter's answer to an order that was handed over is made true: positions and exits change as answer.h says, open orders
-- follow, the result is written, and the answer is ACKed. Answers that nobody of the group has in hand any more are trimmed. As
-- open.lua: checks first, writes after.
--
-- KEYS  1 answers  2 positions  3 exits  4 open orders  5 results  6 the order once it was refused  7 what is held, if it is kept
-- ARGV  1 group  2 id of the answer's entry  3 length the results are trimmed to  4 'keep' the sixth key, 'drop' it, or what
--       is put there  5 its time to live  6 number of the result's arguments, then these
--       then changes of four: 'positions' or 'exits', field, value as it was ('': none), as it becomes ('': it goes)
-- returns  {'done', positions}, {'gone'}: the answer is pending no more, or {'moved'}: something is not as it was
-- include executor/act/intent.lua
-- include executor/act/positions.lua
local answers, positions, exits, open_orders, results, refused, held = unpack(KEYS)
local group, id, maxlen, refused_becomes, refused_ttl, result_count = unpack(ARGV, 1, 6)
local RESULT, CHANGES = 7, 7 + tonumber(result_count)

local function hash_of(i)
  return ARGV[i] == 'exits' and exits or positions
end

local function has_moved()
  for i = CHANGES, #ARGV, 4 do
    if (redis.call('HGET', hash_of(i), ARGV[i + 1]) or '') ~= ARGV[i + 2] then return true end
  end
end

local function change()
  for i = CHANGES, #ARGV, 4 do
    if ARGV[i + 3] ~= '' then
      redis.call('HSET', hash_of(i), ARGV[i + 1], ARGV[i + 3])
    else
      redis.call('HDEL', hash_of(i), ARGV[i + 1])
    end
  end
end

-- Remembering helps against an adapter that contradicts itself. Nothing else needs it, so it is left out without the right.
local function remember()
  if refused_becomes == 'keep' or not redis.acl_check_cmd('SET', refused, '1') or not redis.acl_check_cmd('DEL', refused) then
    return
  end
  if refused_becomes == 'drop' then
    redis.call('DEL', refused)
  else
    redis.call('SET', refused, refused_becomes, 'EX', refused_ttl)
  end
end

-- Behind the first that somebody has in hand, or the last that was given out.
local function acked_to()
  local first = redis.call('XPENDING', answers, group)[2]
  if first then return first end
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', answers)) do
    local fields = {}
    for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
    if fields.name == group then return fields['last-delivered-id'] end
  end
end

local function trim()
  if redis.acl_check_cmd('XTRIM', answers, 'MINID', '~', '0') then
    redis.call('XTRIM', answers, 'MINID', '~', acked_to())
  end
end

local trouble = unreadable(answers, group) or wrong_type(positions, 'hash') or wrong_type(exits, 'hash')
  or wrong_type(results, 'stream') or exhausted(results) or forbidden({
    {'HSET', positions, 'f', '1'}, {'HDEL', positions, 'f'}, {'HSET', exits, 'f', '1'}, {'HDEL', exits, 'f'},
    {'SET', open_orders, '1', 'XX'}, {'XADD', results, '*', 'f', 'v'}, {'XACK', answers, group, id},
  }) or unkept(held)
if trouble then return redis.error_reply(trouble) end
if not is_pending(answers, group, id) then return {'gone'} end
if has_moved() then return {'moved'} end

change()
write_open(open_orders, positions, held)
remember()
if CHANGES > RESULT then
  redis.call('XADD', results, 'MAXLEN', '~', maxlen, '*', unpack(ARGV, RESULT, CHANGES - 1))
end
redis.call('XACK', answers, group, id)
trim()
return {'done', redis.call('HLEN', positions)}
