-- One reader of a group at a time: it is theirs while they say so again in time, and anybody's when they let go.
--
-- KEYS      reading
-- ARGV      reader, for_ms (0 lets go)
-- Answers   1, or 0 when it is somebody else's

local reading = KEYS[1]
local arg = cjson.decode(ARGV[1])

local who = redis.call('GET', reading)
if who and who ~= arg.reader then return 0 end
if arg.for_ms > 0 then
  redis.call('SET', reading, arg.reader, 'PX', arg.for_ms)
else
  redis.call('DEL', reading)
end
return 1
