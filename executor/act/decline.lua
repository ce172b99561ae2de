#!lua
-- An intent ends without being executed: a mark unless it has none, a dead letter if there is one, its result, and the ACK.
-- An exit ends its symbol's openings of lower id with it.
--
-- KEYS  1 intents  2 mark  3 begun  4 results  5 dead letters  6 the symbol's last exits
-- ARGV  1 group  2 id of the entry  3 the mark's time to live, or '': no mark  4 its value
--       5 sides of the openings that it ends, or ''  6 length the results are trimmed to  7 number of the result's arguments,
--       then these; then nothing, or for a dead letter: length the dead letters are trimmed to, reason, how often it was begun,
--       last error, and only before this ms, or '': it is one because it is ahead of Redis' clock
-- returns  {'done'}, {'gone', mark}: the entry is pending no more, or {'moved'}: it is ahead no more
-- include executor/act/intent.lua
-- include executor/act/dead_letter.lua
local intents, mark, begun, results, dead_letters, last_exit = unpack(KEYS)
local group, id, mark_ttl, mark_value, sides, maxlen, result_count = unpack(ARGV, 1, 7)
local RESULT, DEAD_LETTER = 8, 8 + tonumber(result_count)
local dead_letter_maxlen, reason, count, last_error, before_ms = unpack(ARGV, DEAD_LETTER, DEAD_LETTER + 4)

local trouble = unreadable(intents, group) or wrong_type(results, 'stream')
  or reason and (wrong_type(dead_letters, 'stream') or exhausted(dead_letters))
  or exhausted(results) or forbidden({
    {'SET', mark, '1'}, {'XADD', results, '*', 'f', 'v'}, {'XADD', reason and dead_letters or results, '*', 'f', 'v'},
    {'HSET', last_exit, 'BUY', '1'}, {'EXPIRE', last_exit, '1'}, {'DEL', begun}, {'XACK', intents, group, id},
  })
if trouble then return redis.error_reply(trouble) end
trouble = wrong_type(mark, 'string') or wrong_type(begun, 'hash') or sides ~= '' and unsound_exit(last_exit)
if trouble then return refuse_symbol(trouble) end
if not is_pending(intents, group, id) then return {'gone', redis.call('GET', mark) or ''} end
if reason and before_ms ~= '' and now_ms() >= tonumber(before_ms) then return {'moved'} end

if mark_ttl ~= '' then
  redis.call('SET', mark, mark_value, 'EX', mark_ttl, 'NX')
  leave_exit(last_exit, sides, id, mark_ttl)
end
if reason then write_dead_letter(dead_letters, dead_letter_maxlen, intents, id, reason, count, last_error) end
redis.call('XADD', results, 'MAXLEN', '~', maxlen, '*', unpack(ARGV, RESULT, DEAD_LETTER - 1))
redis.call('DEL', begun)
redis.call('XACK', intents, group, id)
return {'done'}
