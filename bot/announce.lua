-- Notes how many sockets a process has, and adds up those of all that are alive.
-- KEYS: 1 sockets (HASH: process -> "held configured until(ms, in Redis' clock)")
-- ARGV: 1 the process ('': only add up), 2 sockets it holds, 3 sockets it is to hold, 4 how long that counts (ms)
-- Returns {processes, sockets that the others hold, sockets that all are to hold}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] ~= '' then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%s %s %d', ARGV[2], ARGV[3], now + ARGV[4]))
end
local all = redis.call('HGETALL', KEYS[1])
local processes, others, configured = 0, 0, 0
for i = 1, #all, 2 do
  local held, wanted, until_ms = string.match(all[i + 1], '^(%d+) (%d+) (%d+)$')
  if held and tonumber(until_ms) >= now then
    if all[i] ~= ARGV[1] then others = others + held end
    if tonumber(wanted) > 0 then processes = processes + 1 end
    configured = configured + wanted
  elseif ARGV[1] ~= '' then
    redis.call('HDEL', KEYS[1], all[i])
  end
end
return {processes, others, configured}
