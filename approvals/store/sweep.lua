-- Makes due what is open and in no queue: nothing may be forgotten.
-- KEYS: 1 due:act  2 due:show
-- ARGV: from 4 on ids of open requests
-- Returns {now, how many were made due}.
local found = 0
for i = 4, #ARGV do
  local id = ARGV[i]
  if not redis.call('ZSCORE', KEYS[1], id) then
    redis.call('ZADD', KEYS[1], stamp, id)
    found = found + 1
  end
  local drawn = redis.call('HGET', prefix .. 'shown:' .. id, 'counter')
  if drawn ~= redis.call('HGET', prefix .. 'request:' .. id, 'n') and not redis.call('ZSCORE', KEYS[2], id) then
    redis.call('ZADD', KEYS[2], stamp, id)
    found = found + 1
  end
end
return {stamp, found}
