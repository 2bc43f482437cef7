-- Looks at what waits to be sealed, at what is kept, and at the clock.
-- KEYS: 1 entries that wait, 2 sealed entries
-- Returns {Redis' time (ms), how many wait, since when the oldest of them waits (ms),
-- and since when the oldest sealed one is kept (ms)}: the present where there is none.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function oldest(stream)
  local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return first and math.min(tonumber(string.match(first[1], '^%d+')), now) or now
end

return {now, redis.call('XLEN', KEYS[1]), oldest(KEYS[1]), oldest(KEYS[2])}
