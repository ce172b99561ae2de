-- A dead letter: an intent's entry as it came, and why it could not be processed; included by the scripts that write one.
local DEAD_LETTER_FIELDS_MAX, DEAD_LETTER_BYTES_MAX = 64, 65536
local DEAD_LETTER_OURS = {intent_id = true, reason = true, count = true, last_error = true}

-- The entry's own fields, within bounds; one that is called as ours is called so is renamed.
local function dead_letter_fields(intents, id)
  local fields, room = {}, DEAD_LETTER_BYTES_MAX
  local entry = redis.call('XRANGE', intents, id, id)[1] or {id, {}}
  for i = 1, math.min(#entry[2], 2 * DEAD_LETTER_FIELDS_MAX), 2 do
    local name, value = string.sub(entry[2][i], 1, 64), string.sub(entry[2][i + 1], 1, room)
    fields[#fields + 1] = DEAD_LETTER_OURS[name] and 'original_' .. name or name
    fields[#fields + 1] = value
    room = room - #value
  end
  return fields
end

-- `count` is how often its handling was begun. The caller has asked before whether it can be written.
local function write_dead_letter(dead_letters, maxlen, intents, id, reason, count, last_error)
  local fields = dead_letter_fields(intents, id)
  for _, ours in ipairs({'intent_id', id, 'reason', reason, 'count', count, 'last_error', last_error}) do
    fields[#fields + 1] = ours
  end
  redis.call('XADD', dead_letters, 'MAXLEN', '~', maxlen, '*', unpack(fields))
end
