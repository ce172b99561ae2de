-- Whether the commit hash may be read; included by the scripts that answer with what it holds.

-- Why it may not: a value that no router wrote would hold up all who ask Redis, and take more memory than a router has. Who may
-- not ask for its size reads it as it is.
local function swollen(commit)
  if type_of(commit) == 'none' or forbidden({{'HLEN', commit}, {'MEMORY', 'USAGE', commit}}) then return nil end
  local why = outgrown(commit, 1024, 1024) -- a router writes a tenth of that at most
  if why == 'too many' then
    return commit .. ' has over 1024 fields, and what a router writes has not: find the others by HSCAN, and HDEL them'
  elseif why then
    return commit .. ' takes over 1 MiB, and what a router writes does not: find the field by HSTRLEN, and HDEL it'
  end
end
