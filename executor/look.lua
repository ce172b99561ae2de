#!lua flags=no-writes
-- Reads, at one moment, all that the guards ask about one intent.
--
-- KEYS  1 intents  2 mark  3 open orders  4 safe mode  5 hold  6 positions  7 symbol's rate  8 global rate  9 price
-- ARGV  1 group  2 id of the entry  3 symbol  4 how many bytes of a value are looked at
-- returns  seconds, microseconds, whether the entry is pending (1 or 0), the mark or '', whether safe mode is set, open
--          orders (as seen() says), the hold or '', number of positions, the symbol's rate, the global rate, the price (as
--          seen() says), and a list of what is open in the symbol: id, value by turns
-- include executor/intent.lua
local intents, mark, open_orders, safe_mode, hold, positions, symbol_rate, global_rate, price = unpack(KEYS)
local group, id, symbol, most = unpack(ARGV)

local trouble = wrong_type(mark, 'string') or wrong_type(hold, 'string') or wrong_type(positions, 'hash')
  or wrong_type(symbol_rate, 'string') or wrong_type(global_rate, 'string')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
local time = redis.call('TIME')
return {time[1], time[2], is_pending(intents, group, id) and 1 or 0, redis.call('GET', mark) or '',
        redis.call('EXISTS', safe_mode), seen(open_orders, most), redis.call('GET', hold) or '',
        redis.call('HLEN', positions), rate_of(symbol_rate), rate_of(global_rate), seen(price, most),
        positions_of(positions, symbol)}
