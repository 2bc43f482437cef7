-- Commits one change: the record, its lock, its indexes, the effects, the timers
-- and the audit entry, all or none of them.
--
-- KEYS: 1 record, 2 asked marker, 3 open locks, 4 timers, 5 effects, 6 audit,
--       7 audit head; then the indexes to leave, then the indexes to enter
-- ARGV: 1 expected counter (0: must not exist)   2 request id   3 record (JSON)
--       4 lock to hold ('' for none)   5 lock to let go ('' for none)
--       6 expected audit head   7 new audit head   8 audit entry (JSON)
--       9 how many indexes to leave   10 index score   11 marker's lifetime, s
--       12 how many effects; then the effects; then triples of timer, due (ms)
--       and 'LT' (keep an earlier due time) or '' (replace it)
--
-- Returns {'ok'}; or, with nothing changed: {'conflict'} the record has moved
-- on, {'asked', id} the event created that request before, {'busy', id} the lock
-- is held by that request, {'head', hash} the audit chain has moved on.
local expected, id = ARGV[1], ARGV[2]
local current = redis.call('HGET', KEYS[1], 'n') or '0'

if expected == '0' then
  local before = redis.call('GET', KEYS[2])
  if before then return {'asked', before} end
end
if current ~= expected then return {'conflict'} end
if ARGV[4] ~= '' then
  local holder = redis.call('HGET', KEYS[3], ARGV[4])
  if holder and holder ~= id then return {'busy', holder} end
end
local head = redis.call('GET', KEYS[7]) or ''
if head ~= ARGV[6] then return {'head', head} end

redis.call('HSET', KEYS[1], 'n', tonumber(current) + 1, 'body', ARGV[3])
if expected == '0' then redis.call('SET', KEYS[2], id, 'EX', ARGV[11]) end

if ARGV[5] ~= '' and redis.call('HGET', KEYS[3], ARGV[5]) == id then
  redis.call('HDEL', KEYS[3], ARGV[5])
end
if ARGV[4] ~= '' then redis.call('HSET', KEYS[3], ARGV[4], id) end

local leave = tonumber(ARGV[9])
for i = 8, #KEYS do
  if i < 8 + leave then
    redis.call('ZREM', KEYS[i], id)
  else
    redis.call('ZADD', KEYS[i], ARGV[10], id)
  end
end

local effects = tonumber(ARGV[12])
for i = 13, 12 + effects do
  redis.call('XADD', KEYS[5], '*', 'effect', ARGV[i])
end
for i = 13 + effects, #ARGV, 3 do
  if ARGV[i + 2] == 'LT' then
    redis.call('ZADD', KEYS[4], 'LT', ARGV[i + 1], ARGV[i])
  else
    redis.call('ZADD', KEYS[4], ARGV[i + 1], ARGV[i])
  end
end

redis.call('SET', KEYS[7], ARGV[7])
redis.call('XADD', KEYS[6], '*', 'entry', ARGV[8])
return {'ok'}
