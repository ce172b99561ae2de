#!lua
-- Writes a dead letter's intent to the intents again and deletes the dead letter: both, or neither. It also deletes the mark
-- that the executor left when it gave the intent up, which would stop the new one as a duplicate. It deletes only a mark of
-- this intent that says rejected: the mark of another intent of the decision stays, above all one that was executed.
--
-- KEYS  1 dead letters  2 intents  3 mark of the decision
-- ARGV  1 id of the dead letter  2 what its own mark begins with, then the fields of the new entry
-- returns  the new entry's id, or 'gone': there is no such dead letter any more
-- include common/redis/keys.lua
local dead_letters, intents, mark = unpack(KEYS)
local dead_letter, own = ARGV[1], ARGV[2]

local trouble = wrong_type(dead_letters, 'stream') or wrong_type(intents, 'stream') or wrong_type(mark, 'string')
  or exhausted(intents) or forbidden({{'XADD', intents, '*', 'f', 'v'}, {'XDEL', dead_letters, dead_letter}})
if trouble then return redis.error_reply(trouble) end
local is_own = string.sub(redis.call('GET', mark) or '', 1, #own) == own
trouble = is_own and forbidden({{'DEL', mark}})
if trouble then return redis.error_reply(trouble) end
if #redis.call('XRANGE', dead_letters, dead_letter, dead_letter) == 0 then return 'gone' end

if is_own then redis.call('DEL', mark) end
local id = redis.call('XADD', intents, '*', unpack(ARGV, 3))
redis.call('XDEL', dead_letters, dead_letter)
return id
