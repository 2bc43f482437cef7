-- Commits one change: the record, its locks, its indexes, its due times and the
-- audit entry, all or none of them.
--
-- KEYS: 1 record (of a creation: last-id)  2 asked marker  3 open locks
--       4 due:act  5 held:act  6 due:show  7 held:show  8 shown  9 audit
-- ARGV: 1 options as JSON, see below  2 record (JSON)  3 audit entry (JSON)
--
-- Options; moments are milliseconds of this clock, as text:
--   expected  the counter that was read; 0 creates the request
--   id        the request; '' for a creation
--   event     names a creation, so that the same event creates one request
--   hold, free            locks to hold, and to let go
--   leave, enter, score   indexes
--   at                    the moment of the change, as whoever decided took it to be
--   act, show             when due
--   hold_act, hold_show   tokens: take the lease at once if nobody has it; '' not
--   lease, ahead, marker, drift  how long a lease lasts (ms); how far this clock is to be
--                         ahead of TIME (ms); how long an event is remembered (s); how
--                         far at may be from this clock (ms)
--   prefix                of all keys
--
-- Returns {'ok', now, id, whether act is held by the token, whether show is, and
-- then what shown holds}; or, with nothing changed: {'conflict', now} the record
-- has moved on, or at is too far from this clock, {'asked', now, id} the event created that request before,
-- {'busy', now, lock, id, …} locks that other requests hold.
local o = cjson.decode(ARGV[1])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(o.ahead)
local stamp = string.format('%.0f', now)
local record, shown, id = KEYS[1], KEYS[8], o.id
local creating = o.expected == '0'

if creating then
  local before = o.event ~= '' and redis.call('GET', KEYS[2])
  if before then return {'asked', stamp, before} end
elseif redis.call('HGET', record, 'n') ~= o.expected then
  return {'conflict', stamp}
end
if math.abs(now - tonumber(o.at)) > o.drift then return {'conflict', stamp} end

local busy = {}
for _, lock in ipairs(o.hold) do
  local holder = redis.call('HGET', KEYS[3], lock)
  -- a Redis that evicts may have lost whoever holds it
  if holder and holder ~= id and redis.call('EXISTS', o.prefix .. 'request:' .. holder) == 1 then
    busy[#busy + 1] = lock
    busy[#busy + 1] = holder
  end
end
if #busy > 0 then return {'busy', stamp, unpack(busy)} end

if creating then
  repeat -- it may have lost the last number, too
    id = string.format('%.0f', redis.call('INCR', KEYS[1]))
    record = o.prefix .. 'request:' .. id
    shown = o.prefix .. 'shown:' .. id
  until redis.call('EXISTS', record, shown) == 0
  if o.event ~= '' then redis.call('SET', KEYS[2], id, 'EX', o.marker) end
end
redis.call('HSET', record, 'n', string.format('%.0f', tonumber(o.expected) + 1), 'body', ARGV[2])

for _, lock in ipairs(o.free) do
  if redis.call('HGET', KEYS[3], lock) == id then redis.call('HDEL', KEYS[3], lock) end
end
for _, lock in ipairs(o.hold) do redis.call('HSET', KEYS[3], lock, id) end
for _, index in ipairs(o.leave) do redis.call('ZREM', o.prefix .. 'index:' .. index, id) end
for _, index in ipairs(o.enter) do redis.call('ZADD', o.prefix .. 'index:' .. index, o.score, id) end

-- due says whether the request is held under the token then.
local function due(queue, held, at, token)
  local score, holder = redis.call('ZSCORE', queue, id), redis.call('HGET', held, id)
  if holder and score and tonumber(score) > now then
    return holder == token and 1 or 0
  end
  if token ~= '' then
    redis.call('HSET', held, id, token)
    redis.call('ZADD', queue, string.format('%.0f', now + tonumber(o.lease)), id)
    return 1
  end
  redis.call('ZADD', queue, 'LT', at, id)
  return 0
end
local act = due(KEYS[4], KEYS[5], o.act, o.hold_act)
local show = due(KEYS[6], KEYS[7], o.show, o.hold_show)

redis.call('XADD', KEYS[9], '*', 'entry', ARGV[3], 'request', id)
local answer = {'ok', stamp, id, act, show}
if show == 1 then
  for _, field in ipairs(redis.call('HGETALL', shown)) do answer[#answer + 1] = field end
end
return answer
