-- Appends an audit entry that changes no record: a refusal. It counts against
-- the record it was decided on.
-- KEYS: 1 record  2 audit   ARGV: 1 the counter that was read ('': of no record)  2 entry (JSON)
-- Returns 1, or 0 with nothing written when the record has moved on.
if ARGV[1] ~= '' and (redis.call('HGET', KEYS[1], 'n') or '') ~= ARGV[1] then return 0 end
redis.call('XADD', KEYS[2], '*', 'entry', ARGV[2])
return 1
