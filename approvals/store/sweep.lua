-- Makes due what is open and in no queue: nothing may be forgotten.
-- KEYS: 1 due:act  2 due:show
-- ARGV: 1 how far ahead of TIME (ms)  2 prefix of all keys; then ids of open requests
-- Returns how many were made due.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
local stamp, found = string.format('%.0f', now), 0
for i = 3, #ARGV do
  local id = ARGV[i]
  if not redis.call('ZSCORE', KEYS[1], id) then
    redis.call('ZADD', KEYS[1], stamp, id)
    found = found + 1
  end
  local drawn = redis.call('HGET', ARGV[2] .. 'shown:' .. id, 'counter')
  if drawn ~= redis.call('HGET', ARGV[2] .. 'request:' .. id, 'n') and not redis.call('ZSCORE', KEYS[2], id) then
    redis.call('ZADD', KEYS[2], stamp, id)
    found = found + 1
  end
end
return found
