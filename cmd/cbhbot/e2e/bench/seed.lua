-- Copies a request, with all that is kept of it, and the audit entries that stand
-- in the stream.
-- KEYS: the indexes and queues that the request may be in
-- ARGV: 1 prefix of all keys  2 the request to copy  3 first and  4 last id of the copies
--       5 'open' gives each copy a lock of its own
-- Returns how many requests there are then.
local prefix, original = ARGV[1], ARGV[2]
local entries = redis.call('XRANGE', prefix .. 'audit', '-', '+', 'COUNT', 10)
local scores = {}
for _, key in ipairs(KEYS) do scores[key] = redis.call('ZSCORE', key, original) or nil end
for id = tonumber(ARGV[3]), tonumber(ARGV[4]) do
  local name = string.format('%.0f', id)
  redis.call('COPY', prefix .. 'request:' .. original, prefix .. 'request:' .. name)
  redis.call('COPY', prefix .. 'shown:' .. original, prefix .. 'shown:' .. name)
  for key, score in pairs(scores) do redis.call('ZADD', key, score + id % 900000, name) end
  if ARGV[5] == 'open' then redis.call('HSET', prefix .. 'open', 'copy:' .. name, name) end
  for _, entry in ipairs(entries) do redis.call('XADD', prefix .. 'audit', '*', unpack(entry[2])) end
end
redis.call('SET', prefix .. 'last-id', ARGV[4])
return redis.call('ZCARD', prefix .. 'index:all')
