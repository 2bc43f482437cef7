-- Looks at what waits to be sealed, and at the clock.
-- KEYS: 1 entries that wait, 2 when retention was last looked after
-- Returns {Redis' time (ms), how many wait, since when the oldest waits (ms),
-- when retention was last looked after (ms; 0: never)}.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local oldest = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local since = oldest and tonumber(string.match(oldest[1], '^%d+')) or now
return {now, redis.call('XLEN', KEYS[1]), math.min(since, now), tonumber(redis.call('GET', KEYS[2]) or 0) or 0}
