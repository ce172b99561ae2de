-- The positions that exist, and what is told of them: how many there are, and what is held; included behind intent.lua by the
-- scripts that look at positions or change them.

local CHUNK = 1000 -- unpack() ends near 8,000

local decoded = {} -- texts of positions, with symbol and side: a script looks at them before it writes, and after

-- Symbol and side; nothing of one that cannot be read.
local function position_of(text)
  if not decoded[text] then
    local sound, position = pcall(cjson.decode, text)
    decoded[text] = sound and type(position) == 'table' and {position.symbol, position.side} or {}
  end
  return decoded[text][1], decoded[text][2]
end

-- What is open in a symbol: a list of id, value in turn.
local function positions_of(positions, symbol)
  local all, found = redis.call('HGETALL', positions), {}
  for i = 1, #all, 2 do
    if position_of(all[i + 1]) == symbol then
      found[#found + 1] = all[i]
      found[#found + 1] = all[i + 1]
    end
  end
  return found
end

-- --- what is held: a hash for everybody to read, of each symbol BUY or SELL, and behind a blank the number of positions where
-- there are several. A position that cannot be read has no symbol: then the sum is not the count, and nobody believes the hash.

local function is_symbol(text)
  return type(text) == 'string' and #text >= 3 and #text <= 32 and not string.find(text, '[^A-Z0-9_%-]')
end

-- Positions of both sides in one symbol are told under the side that has more.
local function held_in(positions)
  local all, sides, found = redis.call('HGETALL', positions), {}, {}
  for i = 2, #all, 2 do
    local symbol, side = position_of(all[i])
    if is_symbol(symbol) and (side == 'BUY' or side == 'SELL') then
      sides[symbol] = sides[symbol] or {BUY = 0, SELL = 0}
      sides[symbol][side] = sides[symbol][side] + 1
    end
  end
  for symbol, count in pairs(sides) do
    local side, number = count.SELL > count.BUY and 'SELL' or 'BUY', count.BUY + count.SELL
    found[symbol] = number == 1 and side or side .. ' ' .. number
  end
  return found
end

local function call_in_chunks(command, key, words)
  for first = 1, #words, CHUNK do
    redis.call(command, key, unpack(words, first, math.min(first + CHUNK - 1, #words)))
  end
end

-- Why it cannot be written: an error of this code, before anything else is written. Who asked leaves the key out from then on.
-- nil: it can, or it was left out.
local function unkept(held)
  if not held then return nil end
  local trouble = forbidden({
    {'TYPE', held}, {'HLEN', held}, {'MEMORY', 'USAGE', held}, {'HGETALL', held}, {'HSET', held, 'f', 'v'}, {'HDEL', held, 'f'},
    {'DEL', held},
  }) or wrong_type(held, 'hash')
  return trouble and 'HELDKEY ' .. trouble
end

local HELD_MAX = 10000 -- symbols; what has more is not looked through

-- Only what differs is written; so it heals, whatever was put there by hand.
local function write_held(held, positions)
  if type_of(held) == 'hash' and outgrown(held, HELD_MAX, HELD_BYTES) then redis.call('DEL', held) end
  local wanted, kept, gone, changed = held_in(positions), redis.call('HGETALL', held), {}, {}
  for i = 1, #kept, 2 do
    local symbol, value = kept[i], kept[i + 1]
    if not wanted[symbol] then gone[#gone + 1] = symbol end
    if wanted[symbol] == value then wanted[symbol] = nil end
  end
  for symbol, value in pairs(wanted) do
    changed[#changed + 1] = symbol
    changed[#changed + 1] = value
  end
  call_in_chunks('HDEL', held, gone)
  call_in_chunks('HSET', held, changed)
end

-- The number of positions that exist, never a step up or down, and beside it what is held. A missing number stays missing: then
-- nobody knows what else is open. `held` nil: it is not kept.
local function write_open(open_orders, positions, held)
  redis.call('SET', open_orders, redis.call('HLEN', positions), 'XX')
  if held then write_held(held, positions) end
end
