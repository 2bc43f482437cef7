-- Hands out requests that are due, and hides them for a lease.
-- KEYS: 1 due  2 held
-- ARGV: 1 how far ahead of TIME (ms)  2 lease (ms)  3 token  4 how many at most  5 prefix of all keys
-- Returns {now, in how many milliseconds the next is due ('' never), id, counter, body,
-- shown (a list), id, …}. What has no record any more is dropped.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
local stamp = string.format('%.0f', now)
local hidden = string.format('%.0f', now + tonumber(ARGV[2]))
local answer = {stamp, ''}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', stamp, 'LIMIT', 0, ARGV[4])) do
  local record = redis.call('HMGET', ARGV[5] .. 'request:' .. id, 'n', 'body')
  if record[2] then
    redis.call('ZADD', KEYS[1], hidden, id)
    redis.call('HSET', KEYS[2], id, ARGV[3])
    answer[#answer + 1] = id
    answer[#answer + 1] = record[1]
    answer[#answer + 1] = record[2]
    answer[#answer + 1] = redis.call('HGETALL', ARGV[5] .. 'shown:' .. id)
  else
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  end
end
local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if head[2] then answer[2] = string.format('%.0f', tonumber(head[2]) - now) end
return answer
