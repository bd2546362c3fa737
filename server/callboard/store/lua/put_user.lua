-- Writes a user, if it still is as the writer saw it. The first of all users needs the setup link, and uses it up.
--
-- KEYS      users, setup
-- ARGV      id, before (as the writer saw it; '' for nobody), after ('' removes), at; link (where it is needed)
-- Answers   done, changed, or link_over

local users, setup = KEYS[1], KEYS[2]
local arg = cjson.decode(ARGV[1])

local now = redis.call('HGET', users, arg.id) or ''
if now == arg.after then return 'done' end -- sent again, since the answer was lost

if arg.link then
  local open = redis.call('GET', setup)
  if not open or redis.call('HLEN', users) > 0 then return 'link_over' end
  open = cjson.decode(open)
  if open.fingerprint ~= arg.link or open.expires_at <= arg.at then return 'link_over' end
end
if now ~= arg.before then return 'changed' end

if arg.after == '' then
  redis.call('HDEL', users, arg.id)
else
  redis.call('HSET', users, arg.id, arg.after)
  redis.call('DEL', setup)
end
return 'done'
