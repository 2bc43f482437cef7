-- Notes how far a mirror of the audit has come, and hands out the sealed entries behind that; or lets the
-- mirror go. It writes in any case: WAIT behind it has to wait for what it hands out, too.
-- KEYS: lock, place, sealed entries   ARGV: 1 whose lock, 2 place in the stream ('' to let the
-- lock go), 3 the lock's lifetime (ms), 4 how many entries at most
-- Returns pairs of an id and an entry; none, with nothing changed, when the lock is somebody else's.
local answer = {}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return answer end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
  return answer
end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
for _, message in ipairs(redis.call('XRANGE', KEYS[3], '(' .. ARGV[2], '+', 'COUNT', ARGV[4])) do
  answer[#answer + 1] = message[1]
  answer[#answer + 1] = message[2][1] == 'entry' and message[2][2] or ''
end
return answer
