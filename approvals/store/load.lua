-- Reads one record, and the clock.
-- KEYS: 1 record   ARGV: 1 how far ahead of TIME (ms)
-- Returns {now, counter, body}; counter and body are '' when there is none.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
local fields = redis.call('HMGET', KEYS[1], 'n', 'body')
return {string.format('%.0f', now), fields[1] or '', fields[2] or ''}
