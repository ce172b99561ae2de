#!lua
-- Settles a batch of entries in one step: each gets its line in the audit stream, those that are forwarded their copy, and
-- all are ACKed. An entry that is no longer pending for its owner is somebody else's affair, or was settled before: nothing is
-- written about it. Checks everything first and writes after.
--
-- KEYS  1 stream  2 audit stream  3 where to forward to, or not given
-- ARGV  1 group  2 owner of what is pending  3 length the audit is trimmed to  4 drained_at_ts  5 run id
--       then for each entry, by rising ids: id, symbol, age, confidence, action, the number of its copy's arguments, and these
-- returns  the places in the batch, from 0, of those that were not settled
-- include common/redis/keys.lua
local stream, audit, forward = unpack(KEYS)
local group, owner, maxlen, drained_at, run_id = unpack(ARGV, 1, 5)
local FIRST, WIDTH, CHUNK = 6, 6, 1000

local function refused()
  local trouble = wrong_type(stream, 'stream') or wrong_type(audit, 'stream') or exhausted(audit)
    or forbidden({{'XACK', stream, group, '0-1'}, {'XADD', audit, '*', 'f', 'v'}})
  if not trouble and forward then
    trouble = wrong_type(forward, 'stream') or exhausted(forward) or forbidden({{'XADD', forward, '*', 'f', 'v'}})
  end
  return trouble
end

-- Where each entry begins.
local function places()
  local found, at = {}, FIRST
  while at <= #ARGV do
    found[#found + 1] = at
    at = at + WIDTH + tonumber(ARGV[at + WIDTH - 1])
  end
  return found
end

local trouble = refused()
if trouble then return redis.error_reply(trouble) end
local begin = places()
if #begin == 0 then return {} end

local pending = {}
local range = redis.call('XPENDING', stream, group, ARGV[begin[1]], ARGV[begin[#begin]], #begin, owner)
for _, info in ipairs(range) do pending[info[1]] = true end

local function is_pending(id)
  return pending[id] or #redis.call('XPENDING', stream, group, id, id, 1, owner) > 0
end

local left, settled = {}, {}
for place, at in ipairs(begin) do
  local id, symbol, age, confidence, action, copied = unpack(ARGV, at, at + WIDTH - 1)
  if is_pending(id) then
    redis.call('XADD', audit, 'MAXLEN', '~', maxlen, '*', 'original_id', id, 'symbol', symbol, 'age_sec', age, 'confidence',
               confidence, 'action', action, 'drained_at_ts', drained_at, 'run_id', run_id)
    if copied ~= '0' then redis.call('XADD', forward, '*', unpack(ARGV, at + WIDTH, at + WIDTH + tonumber(copied) - 1)) end
    settled[#settled + 1] = id
  else
    left[#left + 1] = place - 1
  end
end
for first = 1, #settled, CHUNK do
  redis.call('XACK', stream, group, unpack(settled, first, math.min(first + CHUNK - 1, #settled)))
end
return left
