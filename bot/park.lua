-- Moves an entry out of the way for good.
-- KEYS: 1 stream, 2 parked stream
-- ARGV: 1 group, 2 entry id, 3 reason, 4 parked stream's length limit
-- Returns 1 when the entry was moved, 0 when somebody else finished it.
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if found then
  local fields = found[2]
  for _, more in ipairs({'parked_id', ARGV[2], 'parked_because', ARGV[3]}) do fields[#fields + 1] = more end
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(fields))
end
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
return found and 1 or 0
