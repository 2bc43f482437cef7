-- Makes due what is open and in no queue: nothing may be forgotten. Where this clock was put
-- back, all is made due: what somebody works on, too, unless they renew their lease.
-- KEYS: 1 due:act  2 due:show  3 the latest moment of this clock that is known
-- ARGV: from 4 on ids of open requests
-- Returns {now, how many were made due}.
local back = tonumber(redis.call('GET', KEYS[3]) or '0') > tonumber(hidden)
local found = 0

local function sweep(queue, id)
  if back then
    found = found + redis.call('ZADD', queue, 'LT', 'CH', hidden, id)
  elseif not redis.call('ZSCORE', queue, id) then
    found = found + redis.call('ZADD', queue, stamp, id)
  end
end

for i = 4, #ARGV do
  local id = ARGV[i]
  sweep(KEYS[1], id)
  local drawn = redis.call('HGET', prefix .. 'shown:' .. id, 'counter')
  if back or drawn ~= redis.call('HGET', prefix .. 'request:' .. id, 'n') then sweep(KEYS[2], id) end
end
return {stamp, found}
