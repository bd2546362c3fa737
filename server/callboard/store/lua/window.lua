-- One more in a moving window of time, unless it is full. What was refused does not count.
--
-- KEYS      window: the moments of the latest, the oldest first
-- ARGV      now, times, ms
-- Answers   0, or in how many ms there is room again

local window = KEYS[1]
local arg = cjson.decode(ARGV[1])

local first = tonumber(redis.call('LINDEX', window, -arg.times) or '')
if first and first + arg.ms > arg.now then return first + arg.ms - arg.now end
redis.call('RPUSH', window, arg.now)
redis.call('LTRIM', window, -arg.times, -1)
redis.call('PEXPIRE', window, arg.ms)
return 0
