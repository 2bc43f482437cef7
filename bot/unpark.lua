-- Takes an entry out of what was put aside: back to its lane, to be tried from the beginning, or for good.
-- KEYS: 1 parked stream, 2 stream of its lane
-- ARGV: 1 entry id, 2 'retry' or 'drop'
-- Returns 1, or 0 when it is not there.
local found = redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])[1]
if not found then return 0 end
local fields = {}
for f = 1, #found[2], 2 do fields[found[2][f]] = found[2][f + 1] end
if ARGV[2] == 'retry' then
  local put = fields.put or string.match(fields.parked_id or ARGV[1], '^%d+')
  redis.call('XADD', KEYS[2], '*', 'envelope', fields.envelope or '', 'put', put) -- first: a full Redis refuses it, and nothing is lost
end
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
