-- Stands before each of the scripts, which answer with texts, stamp first.
-- ARGV: 1 how far this clock is ahead of TIME (ms)  2 prefix of all keys  3 how long a lease lasts (ms)
local time, prefix = redis.call('TIME'), ARGV[2]
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
local stamp = string.format('%.0f', now)
local hidden = string.format('%.0f', now + tonumber(ARGV[3])) -- when a lease ends that begins here
