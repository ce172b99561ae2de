#!lua flags=allow-oom
-- A page of what is pending for a consumer, as XREADGROUP answers it, but in bounded bytes: of an entry that is larger than any
-- sound one so much is left as its reader needs to see that. As it came Redis might not hold it for a client (its output
-- limit), and would end the connection each time that it is read.
--
-- KEYS  1 stream
-- ARGV  1 group  2 consumer  3 behind this id  4 so many entries at most
-- returns  {{stream, entries}}, without entries at the end; or Redis' own refusal, or an error that names the key of a wrong type
-- include common/redis/keys.lua
local stream = KEYS[1]
local group, consumer, last, most = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
-- One more field, and one more byte of a name and of a document, than a sound entry may have (common/trade/fields.c); all
-- values of a sound one are below the last.
local FIELDS_MAX, NAME_MAX, VALUE_MAX, BYTES_MAX = 65, 65, 65537, 524288
local PAGE_MAX = 262144 -- what goes over it was the last one of its page

local function bounded(fields)
  local kept, room = {}, BYTES_MAX
  for i = 1, math.min(#fields, 2 * FIELDS_MAX), 2 do
    kept[i], kept[i + 1] = string.sub(fields[i], 1, NAME_MAX), string.sub(fields[i + 1], 1, math.min(VALUE_MAX, room))
    room = room - #kept[i + 1]
  end
  return kept, BYTES_MAX - room
end

local trouble = wrong_type(stream, 'stream')
if trouble then return redis.error_reply('WRONGTYPE ' .. trouble) end
local entries, weight = {}, 0
while #entries < most and weight < PAGE_MAX do
  local answer = redis.pcall('XREADGROUP', 'GROUP', group, consumer, 'COUNT', 1, 'STREAMS', stream, last)
  if answer.err then return answer end
  local entry = answer[1][2][1]
  if not entry then break end
  if entry[2] then -- else it was deleted
    local bytes
    entry[2], bytes = bounded(entry[2])
    weight = weight + bytes
  end
  entries[#entries + 1], last = entry, entry[1]
end
return {{stream, entries}}
