-- Hands out requests that are due, and hides them for a lease.
-- KEYS: 1 due  2 held
-- ARGV: 4 token  5 how many at most
-- Returns {now, in how many milliseconds the next is due ('' never), id, counter, body,
-- how many texts shown holds, these, id, …}. What has no record any more is dropped.
local answer = {stamp, ''}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', stamp, 'LIMIT', 0, ARGV[5])) do
  local record = redis.call('HMGET', prefix .. 'request:' .. id, 'n', 'body')
  if record[2] then
    redis.call('ZADD', KEYS[1], hidden, id)
    redis.call('HSET', KEYS[2], id, ARGV[4])
    local shown = redis.call('HGETALL', prefix .. 'shown:' .. id)
    for _, part in ipairs({id, record[1] or '', record[2], tostring(#shown)}) do answer[#answer + 1] = part end
    for _, text in ipairs(shown) do answer[#answer + 1] = text end -- more than unpack takes, of many people told directly
  else
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  end
end
local head = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if head[2] then answer[2] = string.format('%.0f', tonumber(head[2]) - now) end
return answer
