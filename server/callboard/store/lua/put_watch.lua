-- Writes a watch, if it still is as the writer saw it.
--
-- KEYS      watches
-- ARGV      id, before (as the writer saw it; '' for none), after, most (so many there may be)
-- Answers   done, changed, or full

local watches = KEYS[1]
local arg = cjson.decode(ARGV[1])

local now = redis.call('HGET', watches, arg.id) or ''
if now == arg.after then return 'done' end -- sent again, since the answer was lost
if now ~= arg.before then return 'changed' end
if now == '' and redis.call('HLEN', watches) >= arg.most then return 'full' end
redis.call('HSET', watches, arg.id, arg.after)
return 'done'
