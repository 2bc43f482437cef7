-- Takes a finished entry out of the group and the stream.
-- KEYS: stream, failures hash
-- ARGV: group, entry id
redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
redis.call('HDEL', KEYS[2], ARGV[2])
return redis.call('XDEL', KEYS[1], ARGV[2])
