-- Appends an audit entry that changes no record: a refusal. It counts against
-- the record it was decided on.
-- KEYS: 1 record  2 audit   ARGV: 4 the counter that was read (0: of no record)  5 entry (JSON)
-- Returns {now, 1}, or {now, 0} with nothing written when the record has moved on.
if (redis.call('HGET', KEYS[1], 'n') or '0') ~= ARGV[4] then return {stamp, 0} end
redis.call('XADD', KEYS[2], '*', 'entry', ARGV[5])
return {stamp, 1}
