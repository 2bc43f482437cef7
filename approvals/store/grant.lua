-- Grants messages: each channel has a budget of a short burst and then one a
-- second, and a method that the chat asked to pause pauses. Before a message is
-- posted, it is noted that it is about to be.
-- KEYS: 1 shown
-- ARGV: 4 whether an update is wanted (1 or 0)  5 burst  6 ms for each message
--       7 how long a note without an outcome may still be under way (ms); then pairs of a message's
--       field in shown and its place, in order
-- Returns {now, ms to wait for an update (0: granted), ms to wait for the first message that is not
-- granted (0: all are), the word for each that is: 'post', or 'find': somebody was about to post it and
-- never said what became of it}. A message that has a timestamp already is not granted: whoever wants it
-- was stopped for longer than their lease, and has to look again.
local burst, each = tonumber(ARGV[5]), tonumber(ARGV[6])

-- paused is for how long a method is held back: what is left longer than it was asked for is of a
-- clock that was put back.
local function paused(method)
  local left = redis.call('PTTL', prefix .. 'hold:' .. method)
  if left <= 0 or left > tonumber(redis.call('GET', prefix .. 'hold:' .. method)) then return 0 end
  return left
end

-- spend takes one message out of a place's budget, or says when there is one.
local function spend(place)
  local key = prefix .. 'pace:' .. place
  local spent = tonumber(redis.call('GET', key) or '0')
  if spent > now + burst * each then spent = 0 end -- by a clock that was put back
  local full = math.max(spent, now) + each
  local wait = full - now - burst * each
  if wait > 0 then return wait end
  redis.call('SET', key, string.format('%.0f', full), 'PX', string.format('%.0f', full - now))
  return 0
end

-- note reserves one message: a wait in ms, and the word for it.
local function note(field, place)
  local noted = redis.call('HGET', KEYS[1], field)
  if noted and string.sub(noted, 1, 1) == '?' then
    local wait = tonumber(string.sub(noted, 2)) + tonumber(ARGV[7]) - now
    if wait > 0 then return wait end
    redis.call('HSET', KEYS[1], field, '?' .. stamp)
    return 0, 'find'
  end
  if noted then return each end
  local wait = math.max(paused('chat.postMessage'), paused('chat.postMessage:' .. place))
  if wait == 0 then wait = spend(place) end
  if wait > 0 then return wait end
  redis.call('HSET', KEYS[1], field, '?' .. stamp)
  return 0, 'post'
end

local answer = {stamp, tostring(ARGV[4] == '1' and paused('chat.update') or 0), '0'}
for i = 8, #ARGV, 2 do
  local wait, word = note(ARGV[i], ARGV[i + 1])
  if wait > 0 then
    answer[3] = tostring(wait)
    break
  end
  answer[#answer + 1] = word
end
return answer
