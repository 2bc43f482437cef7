-- Gives a leased request back, unless its record has moved on: then it stays
-- held, and is handed out again. What was sent is noted whoever holds the lease;
-- what was not, or may not have been, only by the holder, because another may be
-- about to send it. And which of two pictures stands, drawn by two at once, nobody
-- knows: it is forgotten, so that the message is drawn once more.
-- KEYS: 1 due  2 held  3 record  4 shown  5 the latest moment at which something was given back, for sweep.lua
-- ARGV: 4 id  5 token  6 the counter that was worked on
--       7 next due (ms), '' for never; then pairs of a field of shown and its value, '' to delete it
-- Returns {now, 'ok'}, {now, 'lost'} the lease is somebody else's,
-- or {now, 'moved', counter, body}.
local id = ARGV[4]
local record = redis.call('HMGET', KEYS[3], 'n', 'body')
local holder = redis.call('HGET', KEYS[2], id)
local lost = holder ~= ARGV[5]
local overlap = lost or string.sub(KEYS[1], -4) == 'show' and redis.call('HDEL', KEYS[4], 'overlap') == 1
local unsure = false
for i = 8, #ARGV, 2 do
  local field, value = ARGV[i], ARGV[i + 1]
  local drawn = overlap and string.sub(field, 1, 5) == 'drawn'
  local sent = value ~= '' and string.sub(value, 1, 1) ~= '?'
  unsure = unsure or drawn
  if drawn or value == '' and not lost then
    redis.call('HDEL', KEYS[4], field)
  elseif record[2] and (sent or value ~= '' and not lost) then
    redis.call('HSET', KEYS[4], field, value)
  end
end
if lost then
  if unsure and record[2] then
    if holder then redis.call('HSET', KEYS[4], 'overlap', '1') else redis.call('ZADD', KEYS[1], stamp, id) end
  end
  return {stamp, 'lost'}
end
if record[2] and record[1] ~= ARGV[6] and not overlap then
  redis.call('ZADD', KEYS[1], hidden, id)
  return {stamp, 'moved', record[1] or '', record[2]}
end
redis.call('HDEL', KEYS[2], id)
if not record[2] or ARGV[7] == '' and not overlap then
  redis.call('ZREM', KEYS[1], id)
else
  redis.call('ZADD', KEYS[1], overlap and stamp or ARGV[7], id)
  if tonumber(redis.call('GET', KEYS[5]) or '0') + 1000 < now then redis.call('SET', KEYS[5], stamp) end
end
return {stamp, 'ok'}
