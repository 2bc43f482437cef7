-- Says how full the lanes are.
-- KEYS: for each lane: stream, put-off entries, parked stream
-- Returns for each lane: entries in the stream, entries put off, entries parked, and how long ago (ms) the oldest was put
-- of those in the stream, and of the thousand put off that are due first
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}
for i = 1, #KEYS, 3 do
  local age, oldest = 0, redis.call('XRANGE', KEYS[i], '-', '+', 'COUNT', 1)[1]
  if oldest then
    local put = string.match(oldest[1], '^%d+')
    for f = 1, #oldest[2], 2 do
      if oldest[2][f] == 'put' then put = oldest[2][f + 1] end
    end
    age = math.max(now - put, 0)
  end
  local off = 0
  for _, member in ipairs(redis.call('ZRANGE', KEYS[i + 1], 0, 999)) do
    off = math.max(off, now - string.match(member, '^%d+'))
  end
  for _, n in ipairs({redis.call('XLEN', KEYS[i]), redis.call('ZCARD', KEYS[i + 1]), redis.call('XLEN', KEYS[i + 2]), age, off}) do
    answer[#answer + 1] = n
  end
end
return answer
