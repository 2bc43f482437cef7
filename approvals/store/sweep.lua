-- Makes due what is open and in no queue: nothing may be forgotten. Where this clock was put
-- back, all that is open is made due, and of what is over what was put off by the clock as it was:
-- what somebody works on, too, unless they renew their lease.
-- The locks of what has no record any more are let go.
-- KEYS: 1 due:act  2 due:show  3 the latest moment of this clock that is known  4 open locks
-- ARGV: 4 how long something is put off at most (ms)  from 5 on ids of open requests
-- Returns {now, how many were made due, and each lock that was let go with its request's id}.
local latest = tonumber(redis.call('GET', KEYS[3]) or '0')
local back = latest > tonumber(hidden)
local found, lost = 0, {}
local answer = {stamp, ''}

local function sweep(queue, id)
  if back then
    found = found + redis.call('ZADD', queue, 'LT', 'CH', hidden, id)
  elseif not redis.call('ZSCORE', queue, id) then
    found = found + redis.call('ZADD', queue, stamp, id)
  end
end

for i = 5, #ARGV do
  local id = ARGV[i]
  local counter = redis.call('HGET', prefix .. 'request:' .. id, 'n')
  if not counter then
    lost[id] = true
  else
    sweep(KEYS[1], id)
    if back or counter ~= redis.call('HGET', prefix .. 'shown:' .. id, 'counter') then sweep(KEYS[2], id) end
  end
end
for queue = 1, back and 2 or 0 do
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[queue], '(' .. hidden, string.format('%.0f', latest + ARGV[4]))) do
    sweep(KEYS[queue], id)
  end
end
local open = next(lost) and redis.call('HGETALL', KEYS[4]) or {}
for i = 1, #open, 2 do
  if lost[open[i + 1]] then
    redis.call('HDEL', KEYS[4], open[i])
    answer[#answer + 1] = open[i]
    answer[#answer + 1] = open[i + 1]
  end
end
answer[2] = tostring(found)
return answer
