#!lua
-- Whether the executor holds: while safe mode is set, or open orders are not known where they must be. The beginning is
-- noted, and so is the end, so that what waited meanwhile does not come as a burst, whoever comes to execute it.
--
-- KEYS  1 hold  2 safe mode  3 open orders
-- ARGV  1 '1': open orders must be known  2 how long the end is remembered, in s  3 how many bytes of a value are looked at
-- returns  '1' while it holds or '0', safe mode (as seen() says), its time to live, open orders (the same), seconds,
--          microseconds
-- include executor/intent.lua
local hold, safe_mode, open_orders = unpack(KEYS)
local needed, ttl, most = ARGV[1] == '1', ARGV[2], tonumber(ARGV[3])

local trouble = wrong_type(hold, 'string') or forbidden({{'SET', hold, '1'}})
if trouble then return redis.error_reply(trouble) end
local holds = redis.call('EXISTS', safe_mode) == 1 or (needed and not count_of(open_orders))
local before = redis.call('GET', hold)
if holds and before ~= 'holding' then redis.call('SET', hold, 'holding') end
-- An end that lies ahead was noted before Redis' clock was set back: it is now, or nothing older would count for so long.
local is_ahead = before and is_count(before) and tonumber(before) > now_ms()
if not holds and (before == 'holding' or is_ahead) then
  redis.call('SET', hold, string.format('%.0f', now_ms()), 'EX', ttl)
end
local time = redis.call('TIME')
return {holds and '1' or '0', seen(safe_mode, most), redis.call('TTL', safe_mode), seen(open_orders, most), time[1], time[2]}
