-- Whoever stands in the index of an identity with one value of it, in one look.
--
-- KEYS      customers, the index
-- ARGV      whose (how the index knows the value), most (how many are looked at)
-- Answers   their records, false for one that is gone

local arg = cjson.decode(ARGV[1])
local found = redis.call('ZRANGEBYLEX', KEYS[2], '[' .. arg.whose .. ':', '(' .. arg.whose .. ':~', 'LIMIT', 0, arg.most)
local ids = {}
for i, mark in ipairs(found) do ids[i] = string.sub(mark, #arg.whose + 2) end
return #ids > 0 and redis.call('HMGET', KEYS[1], unpack(ids)) or {}
