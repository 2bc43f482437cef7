-- Renews leases.
-- KEYS: 1 due  2 held   ARGV: 1 how far ahead of TIME (ms)  2 lease (ms); then pairs of id and token
-- Returns how many are still held.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
local hidden, count = string.format('%.0f', now + tonumber(ARGV[2])), 0
for i = 3, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then
    redis.call('ZADD', KEYS[1], 'XX', hidden, ARGV[i])
    count = count + 1
  end
end
return count
