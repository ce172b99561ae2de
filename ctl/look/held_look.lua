#!lua flags=no-writes
-- Reads, at one moment, how many orders are open, what is held, and the positions that the executor keeps.
--
-- KEYS  1 open orders, then those that may be read of  2 what is held  3 positions
-- ARGV  1 how many bytes of a value are looked at  2 how many fields of a hash  3 '1': what is held may be read
--       4 '1': the positions may  5 '1': their values are asked for, '0': only how many there are
-- returns  seconds, microseconds, open orders (as seen() says), and of both hashes, how many fields there are behind it:
--          'hash', with the fields and their values in turn, 'missing', 'type:list', 'too many', 'too large' or 'forbidden'
-- include common/redis/keys.lua
local most, fields_most = tonumber(ARGV[1]), tonumber(ARGV[2])
local held = ARGV[3] == '1' and KEYS[2] or nil
local positions = ARGV[4] == '1' and KEYS[held and 3 or 2] or nil

local POSITION_BYTES = 4096 -- the same of a position, of which a text tells

local function look_at(key, bytes_each, wants_all)
  if not key or forbidden({{'HLEN', key}, {'HGETALL', key}, {'MEMORY', 'USAGE', key}}) then return {'forbidden', 0} end
  local kind = type_of(key)
  if kind == 'none' then return {'missing', 0} end
  if kind ~= 'hash' then return {'type:' .. kind, 0} end
  local count = redis.call('HLEN', key)
  local trouble = outgrown(key, fields_most, wants_all and bytes_each or math.huge)
  if trouble then return {trouble, count} end
  return {'hash', count, wants_all and redis.call('HGETALL', key) or {}}
end

local now = redis.call('TIME')
return {now[1], now[2], seen(KEYS[1], most), look_at(held, HELD_BYTES, true),
        look_at(positions, POSITION_BYTES, ARGV[5] == '1')}
