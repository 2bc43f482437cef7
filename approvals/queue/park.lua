-- Moves an entry that failed too often out of the way.
-- KEYS: stream, parked stream, failures hash
-- ARGV: group, entry id, reason, parked stream's length limit
-- Returns 1 when the entry was moved, 0 when somebody else finished it.
local found = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])
redis.call('HDEL', KEYS[3], ARGV[2])
if #found == 0 then
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
  return 0
end
local fields = found[1][2]
fields[#fields + 1] = 'parked_id'
fields[#fields + 1] = ARGV[2]
fields[#fields + 1] = 'parked_because'
fields[#fields + 1] = ARGV[3]
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[4], '*', unpack(fields))
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('XDEL', KEYS[1], ARGV[2])
return 1
