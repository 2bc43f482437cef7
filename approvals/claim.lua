-- Claims the sending of one message (a card or a notice), so that two workers
-- do not both send it, and one that died is noticed.
-- KEYS: posted hash   ARGV: 1 which message, 2 now (ms), 3 a claim's lifetime (ms)
-- Returns {'sent', ts}, {'busy'}, {'mine'} or, after somebody's claim ran out,
-- {'again'}: it may have been sent.
local held = redis.call('HGET', KEYS[1], ARGV[1])
if held and string.sub(held, 1, 1) ~= '?' then return {'sent', held} end
if held and tonumber(string.sub(held, 2)) + tonumber(ARGV[3]) > tonumber(ARGV[2]) then
  return {'busy'}
end
redis.call('HSET', KEYS[1], ARGV[1], '?' .. ARGV[2])
return {held and 'again' or 'mine'}
