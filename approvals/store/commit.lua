-- Commits one change: the record, its locks, its indexes, its due times and the
-- audit entry, all or none of them.
--
-- KEYS: 1 record (of a creation: last-id)  2 asked marker  3 open locks
--       4 due:act  5 held:act  6 due:show  7 held:show  8 shown  9 audit
-- ARGV: 4 options as JSON, see below  5 record (JSON)  6 audit entry (JSON)
--
-- Options; moments are milliseconds of this clock, as text:
--   expected  the counter that was read; 0 creates the request
--   id        the request; '' for a creation
--   event     names a creation, so that the same event creates one request within a day
--   hold, free            locks to hold, and to let go
--   leave, enter, score   indexes
--   at                    the moment of the change, as whoever decided took it to be
--   act, show             when due
--   take_act, take_show   whether to take the lease at once if nobody has it
--   token                 of the leases
--   drift                 how far at may be from this clock (ms)
--
-- Returns {now, 'ok', id, whether act was taken, whether show was, and
-- then what shown holds}; or, with nothing changed: {now, 'conflict'} the record
-- has moved on, or at is too far from this clock, {now, 'asked', id} the event created that request before,
-- {now, 'busy', lock, id, …} locks that other requests hold.
local o = cjson.decode(ARGV[4])
local record, shown, id = KEYS[1], KEYS[8], o.id
local creating = o.expected == '0'

if creating then
  local before = o.event ~= '' and redis.call('GET', KEYS[2])
  if before then return {stamp, 'asked', before} end
elseif redis.call('HGET', record, 'n') ~= o.expected then
  return {stamp, 'conflict'}
end
if math.abs(now - tonumber(o.at)) > o.drift then return {stamp, 'conflict'} end

local busy = {}
for _, lock in ipairs(o.hold) do
  local holder = redis.call('HGET', KEYS[3], lock)
  -- a Redis that evicts may have lost whoever holds it
  if holder and holder ~= id and redis.call('EXISTS', prefix .. 'request:' .. holder) == 1 then
    busy[#busy + 1] = lock
    busy[#busy + 1] = holder
  end
end
if #busy > 0 then return {stamp, 'busy', unpack(busy)} end

if creating then
  repeat -- it may have lost the last number, too
    id = string.format('%.0f', redis.call('INCR', KEYS[1]))
    record = prefix .. 'request:' .. id
    shown = prefix .. 'shown:' .. id
  until redis.call('EXISTS', record, shown) == 0
end

-- due reports whether the request was taken.
local function due(queue, held, at, take)
  local score, holder = redis.call('ZSCORE', queue, id), redis.call('HGET', held, id)
  if holder and score and tonumber(score) > now then return '0' end
  if take then
    redis.call('ZADD', queue, hidden, id) -- first: a holder without an end would be one until the next due time
    redis.call('HSET', held, id, o.token)
    return '1'
  end
  redis.call('ZADD', queue, 'LT', at, id)
  return '0'
end
local act = due(KEYS[4], KEYS[5], o.act, o.take_act)
local show = due(KEYS[6], KEYS[7], o.show, o.take_show)

for _, lock in ipairs(o.hold) do redis.call('HSET', KEYS[3], lock, id) end
for _, index in ipairs(o.enter) do redis.call('ZADD', prefix .. 'index:' .. index, o.score, id) end
for _, index in ipairs(o.leave) do redis.call('ZREM', prefix .. 'index:' .. index, id) end
for _, lock in ipairs(o.free) do
  if redis.call('HGET', KEYS[3], lock) == id then redis.call('HDEL', KEYS[3], lock) end
end

-- Last what all else is nothing without: where Redis refuses its user a command, what was written before it stays.
redis.call('HSET', record, 'n', string.format('%.0f', tonumber(o.expected) + 1), 'body', ARGV[5])
if creating and o.event ~= '' then redis.call('SET', KEYS[2], id, 'EX', 24 * 60 * 60) end
redis.call('XADD', KEYS[9], '*', 'entry', ARGV[6], 'request', id)
local answer = {stamp, 'ok', id, act, show}
if show == '1' then
  for _, field in ipairs(redis.call('HGETALL', shown)) do answer[#answer + 1] = field end
end
return answer
