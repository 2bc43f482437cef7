-- Notes how far a mirror of the audit has come, or lets it go.
-- KEYS: lock, place   ARGV: 1 whose lock, 2 place in the stream ('' to let the
-- lock go), 3 the lock's lifetime (ms)
-- Returns 1, or 0 with nothing changed when the lock is somebody else's.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
  return 1
end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
