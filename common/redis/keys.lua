-- What scripts ask about keys, in the same words; included by the scripts of both services.

local function type_of(key)
  return redis.call('TYPE', key).ok
end

local function wrong_type(key, wanted)
  local kind = type_of(key)
  if kind ~= wanted and kind ~= 'none' then return key .. ' is a ' .. kind .. ', not a ' .. wanted end
end

local function is_canonical(text)
  return text == '0' or string.match(text, '^[1-9]%d*$') ~= nil
end

-- A count that Redis steps and that is exact here, far below 2^53.
local function is_count(text)
  return #text <= 15 and is_canonical(text)
end

-- Somebody else's value, as a complaint shows it.
local function quoted(text)
  return "'" .. string.gsub(string.sub(text, 1, 32), '[^%w%p ]', '?') .. "'"
end

-- A group's consumers, or nil and why they cannot be told.
local function consumers_of(stream, group)
  local trouble = wrong_type(stream, 'stream')
  if trouble then return nil, trouble end
  if type_of(stream) == 'none' then return nil, 'NOGROUP there is no stream ' .. stream end
  local infos = redis.pcall('XINFO', 'CONSUMERS', stream, group)
  if infos.err then return nil, infos.err end
  local consumers = {}
  for _, info in ipairs(infos) do
    local consumer = {}
    for i = 1, #info, 2 do consumer[info[i]] = info[i + 1] end
    consumers[#consumers + 1] = consumer
  end
  return consumers
end

-- A key's state as a text that can be compared: missing, type:list, text:3.
local function seen(key, most)
  local kind = type_of(key)
  if kind == 'none' then return 'missing' end
  if kind ~= 'string' then return 'type:' .. kind end
  return 'text:' .. redis.call('GETRANGE', key, 0, most)
end

-- In a word why a hash is not to be read as a whole, which would hold up all who ask Redis: it has over `most` fields, or takes
-- more than so many bytes for each of so many. nil: it may be.
local function outgrown(hash, most, bytes_each)
  if redis.call('HLEN', hash) > most then return 'too many' end
  if redis.call('MEMORY', 'USAGE', hash, 'SAMPLES', 0) > most * bytes_each then return 'too large' end
end

local HELD_BYTES = 512 -- for each symbol that is held: four times what one takes

-- The words of safety.also, which commas part.
local function words_of(also)
  local words = {}
  for word in string.gmatch(also, '[^,]+') do words[#words + 1] = word end
  return words
end

-- The key that halts, and its number: safe mode's is 0, then come those that `also` names, which are the last of KEYS, as "KEY",
-- while it exists, or "KEY=VALUE", while it is a string of this value. nil: nothing halts.
local function halted_by(safe_mode, also)
  if type_of(safe_mode) ~= 'none' then return safe_mode, 0 end
  for i, word in ipairs(also) do
    local key = KEYS[#KEYS - #also + i]
    local kind, value = type_of(key), string.sub(word, #key + 2)
    if value == '' and kind ~= 'none' then return key, i end
    if value ~= '' and kind == 'string' and redis.call('GETRANGE', key, 0, #value) == value then return key, i end
  end
end

-- The first of these commands, each with its arguments, that this user may not run. One that has a second word goes by both, as
-- its right does.
local function forbidden(commands)
  for _, command in ipairs(commands) do
    if not redis.acl_check_cmd(unpack(command)) then
      local word, key, third = unpack(command)
      if word == 'MEMORY' or word == 'XGROUP' then word, key = word .. '|' .. key, third end
      return 'NOPERM this user may not run ' .. word .. ' on ' .. key
    end
  end
end

local LAST_ID = '18446744073709551615-18446744073709551615' -- nothing can be asked for behind it

-- The id that its next entry must come behind.
local function last_id(stream)
  if type_of(stream) == 'none' then return '0-0' end
  local info = redis.call('XINFO', 'STREAM', stream)
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then return info[i + 1] end
  end
end

-- XADD alone could still refuse, after all that was checked: when somebody has written an entry with the last id that there
-- is. What was written before it by then would stand alone.
local function exhausted(stream)
  if string.match(last_id(stream), '^%d+') == '18446744073709551615' then
    return stream .. ' has come to its last id and takes no more entries'
  end
end
