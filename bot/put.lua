-- Keeps one envelope, once.
-- KEYS: 1 stream of its lane, 2 seen marker of the envelope, 3 seen marker of what was delivered, 4 put-off entries of its lane
-- ARGV: 1 deadline in Redis' own clock (µs), 2 the envelope (JSON), 3 markers' lifetime (s)
--       4 how many entries its lane may hold for it to go there; beyond, it waits behind them
-- Returns {1 kept, 0 known already or -1 too late and nothing was written; Redis' time (µs)}
-- The entry's id says when it was put, in Redis' clock (ms).
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
if now > tonumber(ARGV[1]) then return {-1, now} end
if redis.call('EXISTS', KEYS[2], KEYS[3]) > 0 then
  -- a write: WAIT behind it has to wait for the first one's replicas, too
  redis.call('EXPIRE', KEYS[2], ARGV[3])
  redis.call('EXPIRE', KEYS[3], ARGV[3])
  return {0, now}
end
local crowded = redis.call('XLEN', KEYS[1]) > tonumber(ARGV[4])
redis.call('SET', KEYS[2], '1', 'EX', ARGV[3])
if KEYS[3] ~= KEYS[2] then redis.call('SET', KEYS[3], '1', 'EX', ARGV[3]) end
local kept
if crowded then
  local ms = string.format('%.0f', math.floor(now / 1000))
  kept = redis.pcall('ZADD', KEYS[4], ms, table.concat({ms, 0, 0, ARGV[2]}, ' ')) -- due at once, as sweep.lua has room for it
else
  kept = redis.pcall('XADD', KEYS[1], '*', 'envelope', ARGV[2])
end
if type(kept) == 'table' then -- its user may not call that: what Slack sends again is to be kept
  redis.call('DEL', KEYS[2], KEYS[3])
  return kept
end
return {1, now}
