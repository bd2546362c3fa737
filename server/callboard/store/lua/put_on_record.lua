-- What is over without ever having been due goes on the record, once for its id. The record of somebody who has been
-- erased meanwhile goes in without what is theirs.
--
-- KEYS      seen, records, the location's people
-- ARGV      id, at, record, bare, ticket (may be left out), most, before
-- Answers   1, or 0 when it is there already

local seen, records, people = unpack(KEYS)
local arg = cjson.decode(ARGV[1])

if redis.call('ZADD', seen, 'NX', arg.at, arg.id) == 0 then return 0 end
local known = not arg.ticket or redis.call('HEXISTS', people, arg.ticket) == 1
redis.call('LPUSH', records, known and arg.record or arg.bare)
redis.call('LTRIM', records, 0, arg.most - 1)
while cjson.decode(redis.call('LINDEX', records, -1)).at < arg.before do redis.call('RPOP', records) end
return 1
