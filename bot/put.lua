-- Keeps one envelope, once.
-- KEYS: 1 inbox stream, 2 seen marker of the envelope, 3 seen marker of what was delivered
-- ARGV: 1 deadline in Redis' own clock (ms), 2 the envelope (JSON), 3 markers' lifetime (s)
-- Returns 1 kept, 0 known already, -1 too late: nothing was written.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
if now > tonumber(ARGV[1]) then return -1 end
if redis.call('EXISTS', KEYS[2]) == 1 or redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
redis.call('SET', KEYS[2], '1', 'EX', ARGV[3])
redis.call('SET', KEYS[3], '1', 'EX', ARGV[3])
redis.call('XADD', KEYS[1], '*', 'envelope', ARGV[2])
return 1
