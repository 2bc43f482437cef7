-- Renews leases.
-- KEYS: 1 due  2 held   ARGV: from 4 on pairs of id and token
-- Returns {now}.
for i = 4, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[i]) == ARGV[i + 1] then
    redis.call('ZADD', KEYS[1], 'XX', hidden, ARGV[i])
  end
end
return {stamp}
