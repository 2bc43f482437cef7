-- Moves an entry out of the way for good.
-- KEYS: 1 stream, 2 parked stream
-- ARGV: 1 group, 2 entry id, 3 reason, 4 parked stream's length limit
-- Returns 1 when the entry was moved, also by the same words whose answer was lost; 0 when somebody else finished it.
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if found then
  local fields = found[2]
  for _, more in ipairs({'parked_id', ARGV[2], 'parked_because', ARGV[3]}) do fields[#fields + 1] = more end
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(fields))
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
if found then return 1 end
for _, parked in ipairs(redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 100)) do
  for f = 1, #parked[2], 2 do
    if parked[2][f] == 'parked_id' and parked[2][f + 1] == ARGV[2] then return 1 end
  end
end
return 0
