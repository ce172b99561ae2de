#!lua
-- Whether the executor holds: while safe mode is set, or open orders are not known where they must be. The beginning is
-- noted, and so is the end, so that what waited meanwhile does not come as a burst, no matter who executes it.
--
-- KEYS  1 hold  2 safe mode  3 open orders, then what else halts
-- ARGV  1 '1': open orders must be known  2 how long the end is remembered, in s  3 how many bytes of a value are looked at
--       4 what else halts (halted_by())
-- returns  '1' while it holds or '0', what halts (as seen() says), its time to live, open orders (the same), seconds,
--          microseconds, the number of what halts
-- include executor/act/intent.lua
local hold, safe_mode, open_orders = unpack(KEYS, 1, 3)
local needed, ttl, most = ARGV[1] == '1', ARGV[2], tonumber(ARGV[3])

local trouble = wrong_type(hold, 'string') or forbidden({{'SET', hold, '1'}})
if trouble then return redis.error_reply(trouble) end
local halts, number = halted_by(safe_mode, words_of(ARGV[4]))
local holds = halts or (needed and not count_of(open_orders))
halts = halts or safe_mode
local before = redis.call('GET', hold)
if holds and before ~= 'holding' then redis.call('SET', hold, 'holding') end
-- An end that lies ahead was noted before Redis' clock was set back. It is taken to be now.
local is_ahead = before and is_count(before) and tonumber(before) > now_ms()
if not holds and (before == 'holding' or is_ahead) then
  redis.call('SET', hold, string.format('%.0f', now_ms()), 'EX', ttl)
end
local time = redis.call('TIME')
return {holds and '1' or '0', seen(halts, most), redis.call('TTL', halts), seen(open_orders, most), time[1], time[2], number or 0}
