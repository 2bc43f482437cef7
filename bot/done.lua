-- Takes finished entries out of both lanes.
-- KEYS: 1 stream of the first lane, 2 of the second
-- ARGV: 1 group, 2 how many of the ids are of the first lane, 3... ids
local first = 2 + ARGV[2]
if first > 2 then
  redis.call('XACK', KEYS[1], ARGV[1], unpack(ARGV, 3, first))
  redis.call('XDEL', KEYS[1], unpack(ARGV, 3, first))
end
if #ARGV > first then
  redis.call('XACK', KEYS[2], ARGV[1], unpack(ARGV, first + 1))
  redis.call('XDEL', KEYS[2], unpack(ARGV, first + 1))
end
return #ARGV - 2
