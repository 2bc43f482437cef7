-- Appends one audit entry that changes no record (a refusal).
-- KEYS: audit, audit head   ARGV: expected head, new head, entry (JSON)
-- Returns {'ok'} or {'head', hash}.
local head = redis.call('GET', KEYS[2]) or ''
if head ~= ARGV[1] then return {'head', head} end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('XADD', KEYS[1], '*', 'entry', ARGV[3])
return {'ok'}
