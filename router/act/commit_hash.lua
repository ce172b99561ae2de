-- Whether the commit hash may be read; included by the scripts that answer with what it holds.

local COMMIT_BYTES = 1048576 -- a router writes a tenth of it at most

-- Why it may not: a value that no router wrote would hold up all who ask Redis, and take more memory than a router has. Who may
-- not ask for its size reads it as it is.
local function swollen(commit)
  if forbidden({{'MEMORY', 'USAGE', commit}}) then return nil end
  if (redis.call('MEMORY', 'USAGE', commit, 'SAMPLES', 0) or 0) > COMMIT_BYTES then
    return commit .. ' takes over 1 MiB, and what a router writes does not: find the field by HSTRLEN, and HDEL it'
  end
end
