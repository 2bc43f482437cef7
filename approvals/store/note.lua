-- Appends an audit entry that changes no record: a refusal. It counts against
-- the record it was decided on.
-- KEYS: 1 record  2 audit   ARGV: 4 the counter that was read ('': of no record)  5 entry (JSON)
-- Returns {now, 1}, or {now, 0} with nothing written when the record has moved on.
if ARGV[4] ~= '' and (redis.call('HGET', KEYS[1], 'n') or '') ~= ARGV[4] then return {stamp, '0'} end
redis.call('XADD', KEYS[2], '*', 'entry', ARGV[5])
return {stamp, '1'}
