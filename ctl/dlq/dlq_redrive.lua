#!lua
-- A dead letter goes back to the intents, and is gone from the letters: both, or neither.
--
-- KEYS  1 dead letters  2 intents
-- ARGV  1 id of the letter, then the fields of the new entry
-- returns  the new entry's id, or 'gone': there is no such letter any more
-- include common/redis/keys.lua
local letters, intents = unpack(KEYS)
local trouble = wrong_type(letters, 'stream') or wrong_type(intents, 'stream') or exhausted(intents)
  or forbidden({{'XADD', intents, '*', 'f', 'v'}, {'XDEL', letters, ARGV[1]}})
if trouble then return redis.error_reply(trouble) end
if #redis.call('XRANGE', letters, ARGV[1], ARGV[1]) == 0 then return 'gone' end
local id = redis.call('XADD', intents, '*', unpack(ARGV, 2))
redis.call('XDEL', letters, ARGV[1])
return id
