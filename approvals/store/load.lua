-- Reads one record, and the clock.
-- KEYS: 1 record
-- Returns {now, counter, body}; counter and body are '' when there is none.
local fields = redis.call('HMGET', KEYS[1], 'n', 'body')
return {stamp, fields[1] or '', fields[2] or ''}
