#!lua
-- How a kill at any instant neither executes twice nor loses. An intent is in Redis in one of these
-- states, and a script moves it on at one moment, checking first and writing after:
--
--   undelivered ──read──> pending ──open, close, decline─> settled: its mark, its effects (rates,
--                          │   ^                          position, open orders), its result or
--                          └───┘ begin: counted           order, and the ACK, all in one script
--
-- Before the settling script nothing has happened, except that a beginning was counted: the next
-- executor reads the entry as pending, and begins again. After it the entry is pending no more. The
-- script refuses an entry that is not pending, and a decision that has its mark: so a script that
-- arrives late, from a dead connection or a second executor, changes nothing. If a write fails
-- midway, the entry is delivered again, and the mark, which is written first, catches it. A script
-- that was sent and not answered is looked up by its mark on the next connection, so that its end is
-- told and counted, too. A position is there before its result. Open orders are the number of
-- positions, written, not stepped, and what is held is written with them: all agree at every moment.
-- The key of open orders is made only when the paper venue starts.
--
-- While safe mode is set or open orders are unknown the executor holds: exits go on, openings stay
-- pending. A key in Redis notes the hold and its end, so that what waited meanwhile is too old after
-- half a minute, no matter which executor has it.
--
-- An intent is executed: its position is opened ('fill'), or handed to an adapter ('hand'), or would have been ('would').
-- Checks everything first and writes after: the mark first, then rates, position, open orders, result or order, and the ACK
-- last.
--
-- KEYS  1 intents  2 mark  3 open orders  4 safe mode  5 hold  6 positions  7 symbol's rate  8 global rate  9 begun
--       10 results, or with 'hand' the adapter's orders  11 the symbol's last exits  12 what is held, if it is kept, then
--       what else halts
-- ARGV  1 group  2 id of the entry  3 'fill', 'hand' or 'would'  4 the mark's time to live  5 its value
--       6 too old from this ms on  7 cap on open orders  8 symbol  9 side  10 '1': a symbol may have several of one side
--       11 executions per symbol and  12 seconds  13 executions over all and  14 seconds  15 position
--       16 length the output is trimmed to  17 what else halts (halted_by()), then the output's fields
-- returns  {'done', positions}, {'gone', mark}: the entry is pending no more, {'hold'}, or {'end', outcome};
--          an error of the code SYMBOLKEY: a key of this symbol or intent is not as it must be
-- include executor/act/intent.lua
-- include executor/act/positions.lua
local intents, mark, open_orders, safe_mode, hold, positions, symbol_rate, global_rate, begun, output, last_exit = unpack(KEYS, 1, 11)
local group, id, kind, mark_ttl, mark_value, deadline, max_open, symbol, side, adds = unpack(ARGV, 1, 10)
local symbol_max, symbol_sec, global_max, global_sec, position, maxlen, also = unpack(ARGV, 11, 17)
local OUTPUT = 18
local held = #KEYS - #words_of(also) == 12 and KEYS[12] or nil
local opens = kind ~= 'would'

local function trouble_with_keys()
  return unreadable(intents, group) or wrong_type(hold, 'string') or wrong_type(positions, 'hash')
    or wrong_type(output, 'stream') or exhausted(output) or forbidden({
      {'SET', mark, '1'}, {'SET', symbol_rate, '1'}, {'INCR', symbol_rate}, {'SET', global_rate, '1'}, {'INCR', global_rate},
      {'HSET', positions, id, '1'}, {'SET', open_orders, '1', 'XX'}, {'XADD', output, '*', 'f', 'v'}, {'DEL', begun},
      {'XACK', intents, group, id},
    }) or unkept(held)
end

local function trouble_with_symbol()
  return wrong_type(mark, 'string') or wrong_type(begun, 'hash') or unsound_exit(last_exit)
end

local function end_of_symbol()
  local found = positions_of(positions, symbol)
  for i = 2, #found, 2 do
    if select(2, position_of(found[i])) ~= side then return 'opposite_open' end
  end
  if #found > 0 and adds ~= '1' then return 'symbol_open' end
end

local function end_of_rates()
  local trouble = unsound_rate(symbol_rate, symbol_sec)
  if trouble then return refuse_symbol(trouble) end
  trouble = unsound_rate(global_rate, global_sec)
  if trouble then return redis.error_reply(trouble) end
  if rate_of(symbol_rate, symbol_sec) >= tonumber(symbol_max) then return {'end', 'rate_symbol'} end
  if rate_of(global_rate, global_sec) >= tonumber(global_max) then return {'end', 'rate_global'} end
end

local function verdict()
  if redis.call('EXISTS', mark) == 1 then return {'end', 'duplicate'} end
  if now_ms() > tonumber(deadline) then return {'end', 'stale'} end
  if is_superseded(last_exit, side, id) then return {'end', 'superseded'} end
  if halted_by(safe_mode, words_of(also)) or redis.call('GET', hold) == 'holding' then return {'hold'} end
  local open = count_of(open_orders)
  if opens and not open then return {'hold'} end
  if math.max(open or 0, redis.call('HLEN', positions)) >= tonumber(max_open) then return {'end', 'max_open'} end
  local reason = end_of_symbol()
  if reason then return {'end', reason} end
  return end_of_rates()
end

local trouble = trouble_with_keys()
if trouble then return redis.error_reply(trouble) end
trouble = trouble_with_symbol()
if trouble then return refuse_symbol(trouble) end
if not is_pending(intents, group, id) then return {'gone', redis.call('GET', mark) or ''} end
local refusal = verdict()
if refusal then return refusal end

redis.call('SET', mark, mark_value, 'EX', mark_ttl)
raise_rate(symbol_rate, symbol_sec)
raise_rate(global_rate, global_sec)
if opens then
  redis.call('HSET', positions, id, position)
  write_open(open_orders, positions, held)
end
redis.call('XADD', output, 'MAXLEN', '~', maxlen, '*', unpack(ARGV, OUTPUT))
redis.call('DEL', begun)
redis.call('XACK', intents, group, id)
return {'done', redis.call('HLEN', positions)}
