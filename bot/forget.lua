-- Forgets consumers that hold nothing and have not been heard of for long: each start of a process makes another.
-- KEYS: streams
-- ARGV: 1 group, 2 for how long nothing was heard (ms)
for _, stream in ipairs(KEYS) do
  for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', stream, ARGV[1])) do
    local is = {}
    for i = 1, #consumer, 2 do is[consumer[i]] = consumer[i + 1] end
    if is.pending == 0 and is.idle > tonumber(ARGV[2]) then
      redis.call('XGROUP', 'DELCONSUMER', stream, ARGV[1], is.name)
    end
  end
end
return 1
