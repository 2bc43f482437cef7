-- Removes the audit's entries up to one, and remembers where the chain goes on.
-- KEYS: 1 audit stream  2 anchor
-- ARGV: 1 number, 2 hash and 3 stream id of the last entry to remove
-- Returns 1, or 0 when somebody has removed more already; as much, perhaps by halves, because Redis refused its
-- user a command: it is removed again.
local anchor = redis.call('GET', KEYS[2]) or '0:'
if tonumber(ARGV[1]) < tonumber(string.match(anchor, '^%d+')) then return 0 end
redis.call('SET', KEYS[2], ARGV[1] .. ':' .. ARGV[2])
redis.call('XTRIM', KEYS[1], 'MINID', ARGV[3])
redis.call('XDEL', KEYS[1], ARGV[3])
return 1
