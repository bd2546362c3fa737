-- Writes a customer with its place in every index, if it still is as the writer saw it.
--
-- KEYS      customers, then the index of each identity
-- ARGV      id, before (as the writer saw it; '' for nobody), after ('' removes), old and new (marks in the indices by
--           their number, false where there is none), unique (numbers of those that nobody else may have)
-- Answers   done, changed, or the number of the identity that is taken

local customers = KEYS[1]
local arg = cjson.decode(ARGV[1])

local now = redis.call('HGET', customers, arg.id) or ''
if now == arg.after then return 'done' end -- sent again, since the answer was lost
if now ~= arg.before then return 'changed' end

for _, i in ipairs(arg.unique) do
  local mark = arg.new[i]
  if mark and mark ~= arg.old[i] then
    local whose = string.sub(mark, 1, 33) -- up to the colon; what follows is who
    if #redis.call('ZRANGEBYLEX', KEYS[i + 1], '[' .. whose, '(' .. whose .. '~') > 0 then return i end
  end
end

for i = 1, #KEYS - 1 do
  if arg.old[i] ~= arg.new[i] then
    if arg.old[i] then redis.call('ZREM', KEYS[i + 1], arg.old[i]) end
    if arg.new[i] then redis.call('ZADD', KEYS[i + 1], 0, arg.new[i]) end
  end
end
if arg.after == '' then
  redis.call('HDEL', customers, arg.id)
else
  redis.call('HSET', customers, arg.id, arg.after)
end
return 'done'
