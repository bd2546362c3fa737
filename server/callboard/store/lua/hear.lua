-- What the other side says of a delivery that it has taken. What it says again, or too late, changes nothing.
--
-- KEYS      what it said last
-- ARGV      rank, said (a record, with its rank), keep_ms
-- Answers   1 when it is news

local said = KEYS[1]
local arg = cjson.decode(ARGV[1])

local last = redis.call('GET', said)
if last and cjson.decode(last).rank >= arg.rank then return 0 end
redis.call('SET', said, arg.said, 'PX', arg.keep_ms)
return 1
