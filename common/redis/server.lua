-- Which server this is, for scripts that ask whether it is still the one that was written on.

-- Its run id, its replication id, and whether it is a replica that was promoted. Where INFO may not be asked nobody knows:
-- '', '' and false.
local function this_server()
  if not redis.acl_check_cmd('INFO', 'server') then return '', '', false end
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  local replication = redis.call('INFO', 'replication')
  local before = string.match(replication, 'master_replid2:(%x+)')
  return run or '', string.match(replication, 'master_replid:(%x+)') or '', before and not string.match(before, '^0+$')
end

-- Another process than the one of these ids; or the same one, whose data may since have been replaced by a master's. It
-- draws a new replication id too when its first replica comes, and then nothing was replaced.
local function is_other(run, repl, promoted, home_run, home_repl)
  return home_run and run ~= '' and (home_run ~= run or promoted and home_repl ~= repl) or false
end
