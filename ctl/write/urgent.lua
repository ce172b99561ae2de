#!lua flags=allow-oom
-- Runs a few short commands at one moment where Redis has no memory left for any, which a script may. Each as the user could
-- have asked it; one that fails does not hold back the others, as in a transaction.
--
-- KEYS  1 what is written
-- ARGV  for each command the number of its words, and these
-- returns  what each of them says
local at, said = 1, {}

while at <= #ARGV do
  local words = tonumber(ARGV[at])
  said[#said + 1] = redis.pcall(unpack(ARGV, at + 1, at + words))
  at = at + 1 + words
end
return said
