-- Moves the entries that wait first to the sealed ones, if nobody has done so
-- since they were read.
-- KEYS: 1 entries that wait, 2 sealed entries, 3 head of the chain
-- ARGV: 1 the head they are chained to, 2 the head they make; then pairs of an
--       entry's id among those that wait, and the entry as it is sealed
-- Returns 1, or 0 with nothing changed.
if (redis.call('GET', KEYS[3]) or '') ~= ARGV[1] then return 0 end
local count = (#ARGV - 2) / 2
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', count)
if #first < count then return 0 end
for i = 1, count do
  if first[i][1] ~= ARGV[2 * i + 1] then return 0 end
end
-- First what changes nothing: where Redis refuses its user one of the commands, none of them has sealed anything.
redis.call('XTRIM', KEYS[1], 'MAXLEN', redis.call('XLEN', KEYS[1]))
redis.call('SET', KEYS[3], ARGV[1])
for i = 1, count do
  redis.call('XADD', KEYS[2], '*', 'entry', ARGV[2 * i + 2])
end
redis.call('XTRIM', KEYS[1], 'MAXLEN', redis.call('XLEN', KEYS[1]) - count)
redis.call('SET', KEYS[3], ARGV[2])
return 1
