-- How far a location's events have been followed, what was learned of them, how well what was told was kept, and what
-- is expected of its lines. Who has followed less far than somebody else has writes nothing.
--
-- KEYS      learned, expected, events, the location's state
-- ARGV      epoch, seen, keep_ms, location, at, tell (whether screens have news); then three texts, of which the last
--           two may be empty: learned, tally, expected
-- Answers   1, or 0 when somebody else is further

local learned, expected, events, state = unpack(KEYS)
local arg, lesson, tally, told = cjson.decode(ARGV[1]), ARGV[2], ARGV[3], ARGV[4]

local epoch, seen = unpack(redis.call('HMGET', learned, 'epoch', 'seen'))
if epoch == arg.epoch and tonumber(seen) > arg.seen then return 0 end

redis.call('HSET', learned, 'epoch', arg.epoch, 'seen', string.format('%.0f', arg.seen), 'learned', lesson)
if tally ~= '' then redis.call('HSET', learned, 'tally', tally) end
if told ~= '' then redis.call('SET', expected, told, 'PX', arg.keep_ms) end
if arg.tell then
  redis.call('XADD', events, '*', 'kind', 'expected', 'at', string.format('%.0f', arg.at), 'location', arg.location,
    'seq', redis.call('HGET', state, 'seq') or '0')
end
return 1
