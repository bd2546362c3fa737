-- The last transition of a desk is taken back, while it is young and nobody has touched its tickets since.
--
-- ARGV      desk, young_ms
-- Event     undone
-- Refusals  nothing_to_undo, changed_since

local raw = redis.call('HGET', undo, arg.desk)
local last = raw and cjson.decode(raw)
if not last or at > last.at + arg.young_ms then return refuse('nothing_to_undo') end
local function split(key) return string.match(key, '^(%S+) (.+)$') end
-- A queue that the site has lost meanwhile has no line to put anybody back into.
local function stands_in_a_line(raw) return raw and waiting[cjson.decode(raw).queue] end
for key, value in pairs(last.after) do
  local hash, field = split(key)
  if redis.call('HGET', hash, field) ~= value then return refuse('changed_since') end
  if hash == tickets and not (stands_in_a_line(value) and stands_in_a_line(last.before[key])) then
    return refuse('changed_since')
  end
end

for key, value in pairs(last.after) do
  local hash, field = split(key)
  local was = last.before[key]
  if hash == tickets then move(cjson.decode(value), cjson.decode(was)) end
  if was then redis.call('HSET', hash, field, was) else redis.call('HDEL', hash, field) end
end
if last.served then
  redis.call('HINCRBY', state, 'served:' .. last.served.queue, -1)
  redis.call('HINCRBY', state, 'served_ms:' .. last.served.queue, -last.served.ms)
end
redis.call('HDEL', undo, arg.desk)
local ticket = load_ticket(last.ticket)
local fields = {ticket = ticket.id, queue = ticket.queue, state = ticket.state, desk = arg.desk, undone = last.kind}
for key, value in pairs(last.after) do
  local hash, id = split(key)
  if hash == tickets and id == ticket.id then fields.before = cjson.decode(value).state end
  if hash == tickets and id ~= ticket.id then fields.reopened = id end
end
where_it_stands(fields, ticket)
return {event = emit('undone', fields), ticket = ticket}
