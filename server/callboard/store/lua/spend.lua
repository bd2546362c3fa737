-- A text is about to go out: it counts in every window, or in none when one is full. The same text counts once, and a
-- ticket whose number was texted in the last day is not new to its prefix.
--
-- KEYS      number, prefix, location: each a sorted set by the moment
-- ARGV      now, text, ticket, per_number, per_prefix, per_day
-- Answers   an empty text, or which window is full: number, prefix, day

local DAY, HOUR = 24 * 3600 * 1000, 3600 * 1000
local number, prefix, location = KEYS[1], KEYS[2], KEYS[3]
local arg = cjson.decode(ARGV[1])

local function count(key, ms)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', arg.now - DAY)
  return redis.call('ZCOUNT', key, '(' .. string.format('%.0f', arg.now - ms), '+inf')
end

local function knows(key, member) return redis.call('ZSCORE', key, member) end

if not knows(location, arg.text) then
  if count(number, DAY) >= arg.per_number then return 'number' end
  if count(prefix, HOUR) >= arg.per_prefix and not knows(prefix, arg.ticket) then return 'prefix' end
  if count(location, DAY) >= arg.per_day then return 'day' end
end
redis.call('ZADD', number, 'NX', arg.now, arg.text)
redis.call('ZADD', prefix, 'NX', arg.now, arg.ticket)
redis.call('ZADD', location, 'NX', arg.now, arg.text)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, DAY) end
return ''
