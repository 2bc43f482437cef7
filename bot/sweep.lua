-- Brings back what was put off and is due, or was put off for longer than anything is, by a clock that was put
-- back, and takes over what nobody has touched.
-- KEYS: for each lane: stream, put-off entries
-- ARGV: 1 group, 2 consumer, 3 untouched for so long (ms) an entry is abandoned, 4 how long one is put off at most (ms),
-- 5... for each lane how many are brought back at once, and how many may be taken over
-- Returns for each lane how many were brought back, and then for each entry that was taken over: lane (from 1), id,
-- how often it was delivered, and its fields envelope, put, try and failures ('' where it has none); all as strings.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local answer = {}

local function bring(stream, later, most, from, to)
  local due = redis.call('ZRANGEBYSCORE', later, from, to, 'LIMIT', 0, most)
  for _, member in ipairs(due) do
    local put, try, failures, envelope = string.match(member, '^(%d+) (%d+) (%d+) (.*)$')
    redis.call('XADD', stream, '*', 'envelope', envelope, 'put', put, 'try', try, 'failures', failures)
    redis.call('ZREM', later, member)
  end
  return #due
end

local function take(lane, stream, id, deliveries)
  local entry = redis.call('XCLAIM', stream, ARGV[1], ARGV[2], ARGV[3], id)[1]
  if not entry then return redis.call('XACK', stream, ARGV[1], id) end -- it was deleted
  local fields = {}
  for f = 1, #entry[2], 2 do fields[entry[2][f]] = entry[2][f + 1] end
  for _, value in ipairs({tostring(lane), id, tostring(deliveries + 1)}) do answer[#answer + 1] = value end
  for _, name in ipairs({'envelope', 'put', 'try', 'failures'}) do answer[#answer + 1] = fields[name] or '' end
end

for lane = 1, #KEYS / 2 do
  local stream, later = KEYS[2 * lane - 1], KEYS[2 * lane]
  local most, count = ARGV[3 + 2 * lane], tonumber(ARGV[4 + 2 * lane])
  local back = bring(stream, later, most, '-inf', now) + bring(stream, later, most, now + ARGV[4] + 1, '+inf')
  table.insert(answer, lane, tostring(back))
  if count > 0 then
    for _, pending in ipairs(redis.call('XPENDING', stream, ARGV[1], 'IDLE', ARGV[3], '-', '+', count)) do
      take(lane, stream, pending[1], pending[4])
    end
  end
end
return answer
