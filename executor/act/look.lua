#!lua flags=no-writes
-- Reads, at one moment, all that the guards ask about one intent. What an exit does not ask for cannot hold it up.
--
-- KEYS  1 intents  2 mark  3 open orders  4 safe mode  5 hold  6 positions  7 symbol's rate  8 global rate  9 price
--       10 the symbol's last exits, then what else halts
-- ARGV  1 group  2 id of the entry  3 symbol  4 how many bytes of a value are looked at  5 side that it would open, or '': an exit
--       6 seconds of the symbol's rate  7 of the global rate  8 what else halts (halted_by())
-- returns  seconds, microseconds, whether the entry is pending (1 or 0), the mark or '', whether anything halts, open
--          orders (as seen() says), the hold or '', number of positions, the symbol's rate, the global rate, the price (as
--          seen() says), a list of what is open in the symbol: id, value in turn, and whether a later exit superseded it;
--          an error of the code SYMBOLKEY: a key of this symbol or intent is not as it must be
-- include executor/act/intent.lua
-- include executor/act/positions.lua
local intents, mark, open_orders, safe_mode, hold, positions, symbol_rate, global_rate, price, last_exit = unpack(KEYS, 1, 10)
local group, id, symbol, most, side, symbol_sec, global_sec, also = unpack(ARGV)

local trouble = unreadable(intents, group)
if trouble then return redis.error_reply(trouble) end
trouble = wrong_type(hold, 'string') or wrong_type(positions, 'hash')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
trouble = wrong_type(mark, 'string') or unsound_exit(last_exit)
if trouble then return refuse_symbol(trouble) end

local superseded = side ~= '' and is_superseded(last_exit, side, id)
local asks_rates = side ~= '' and not superseded and redis.call('EXISTS', mark) == 0
trouble = asks_rates and unsound_rate(symbol_rate, symbol_sec)
if trouble then return refuse_symbol(trouble) end
trouble = asks_rates and unsound_rate(global_rate, global_sec)
if trouble then return redis.error_reply(trouble) end

local time = redis.call('TIME')
return {time[1], time[2], is_pending(intents, group, id) and 1 or 0, redis.call('GET', mark) or '',
        halted_by(safe_mode, words_of(also)) and 1 or 0, seen(open_orders, most), redis.call('GET', hold) or '',
        redis.call('HLEN', positions), asks_rates and rate_of(symbol_rate, symbol_sec) or 0, asks_rates and rate_of(global_rate, global_sec) or 0,
        seen(price, most), positions_of(positions, symbol), superseded and 1 or 0}
