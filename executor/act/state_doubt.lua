#!lua
-- Whether this server may lack what was settled last, because it is another one than the last time. Openings that are older
-- than the moment at which it was first seen may have been executed before, and wait until somebody resumes. An executor that
-- has settled an entry which is not settled here knows that something is lacking. One that is alone in the group and finds its
-- last entry settled knows that nothing is.
--
-- KEYS  1 intents  2 what is known of the server  3 the router's commit hash
-- ARGV  1 group  2 the last entry that this process has settled, or ''
-- returns  {since when nobody is sure ('0': sure; 2^53-1: something is lacking), seconds, microseconds}
-- include executor/act/intent.lua
-- include common/redis/server.lua
local intents, known, commit = unpack(KEYS)
local group, last = unpack(ARGV)
local LACKING = '9007199254740991'

local function delivered()
  if type_of(intents) == 'none' then return nil end
  for _, info in ipairs(redis.call('XINFO', 'GROUPS', intents)) do
    local fields = {}
    for i = 1, #info, 2 do fields[info[i]] = info[i + 1] end
    if fields.name == group then return fields['last-delivered-id'], fields.consumers end
  end
end

local function is_before(one, other)
  local ms, sequence = string.match(one, '^(%d+)-(%d+)$')
  local other_ms, other_sequence = string.match(other, '^(%d+)-(%d+)$')
  if ms ~= other_ms then return tonumber(ms) < tonumber(other_ms) end
  return tonumber(sequence) < tonumber(other_sequence)
end

local trouble = wrong_type(intents, 'stream') or wrong_type(known, 'hash') or wrong_type(commit, 'hash')
  or forbidden({{'HSET', known, 'f', 'v'}})
if trouble then return redis.error_reply(trouble) end
local run, repl, promoted = this_server()
local kept = redis.call('HMGET', known, 'run_id', 'repl_id', 'unsure_since', 'unsure_resumed')
local resumed = redis.call('HGET', commit, 'resumed') or ''
local delivered_id, consumers = delivered()
local other = is_other(run, repl, promoted, kept[1], kept[2])
-- On the same server a stream that was deleted, or a group that was set back, is somebody's will: the marks catch the rest.
local lacks = other and last ~= '' and (not delivered_id or is_before(delivered_id, last) or is_pending(intents, group, last))
local is_certain = last ~= '' and not lacks and consumers == 1
if delivered_id and other and not is_certain then
  kept[3], kept[4] = lacks and LACKING or string.format('%.0f', now_ms()), resumed
  redis.call('HSET', known, 'unsure_since', kept[3], 'unsure_resumed', resumed)
end
if run ~= '' and (delivered_id or not other) then redis.call('HSET', known, 'run_id', run, 'repl_id', repl) end
local time = redis.call('TIME')
return {kept[4] == resumed and kept[3] and string.match(kept[3], '^[1-9]%d*$') and #kept[3] <= 16 and kept[3] or '0', time[1], time[2]}
