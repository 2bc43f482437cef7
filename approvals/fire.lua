-- Moves due timers to the effects stream.
-- KEYS: timers, effects   ARGV: now (ms), how many at most
-- Returns how many were moved.
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, effect in ipairs(due) do
  redis.call('XADD', KEYS[2], '*', 'effect', effect)
  redis.call('ZREM', KEYS[1], effect)
end
return #due
