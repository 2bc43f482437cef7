-- Puts entries of a lane off: they leave the stream and wait until they are due.
-- What somebody else has finished meanwhile is left alone.
-- KEYS: 1 stream, 2 put-off entries (ZSET by when they are due, ms)
-- ARGV: 1 group, then for each entry: id, pause (ms), how often it was begun, how often it failed by itself
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
for i = 2, #ARGV, 4 do
  local id = ARGV[i]
  local found = redis.call('XRANGE', KEYS[1], id, id)[1]
  if found then
    local fields = {put = string.match(id, '^%d+'), envelope = ''}
    for f = 1, #found[2], 2 do fields[found[2][f]] = found[2][f + 1] end
    local member = table.concat({fields.put, ARGV[i + 2], ARGV[i + 3], fields.envelope}, ' ')
    redis.call('ZADD', KEYS[2], now + ARGV[i + 1], member) -- first: a full Redis refuses it, and nothing is lost
  end
  redis.call('XACK', KEYS[1], ARGV[1], id)
  redis.call('XDEL', KEYS[1], id)
end
return 1
