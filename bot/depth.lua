-- Says how full the lanes are.
-- KEYS: for each lane: stream, put-off entries, parked stream
-- Returns for each lane: entries in the stream, entries put off, entries parked, and how long ago (ms) the oldest in the stream was put
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
  for _, n in ipairs({redis.call('XLEN', KEYS[i]), redis.call('ZCARD', KEYS[i + 1]), redis.call('XLEN', KEYS[i + 2]), age}) do
    answer[#answer + 1] = n
  end
end
return answer
