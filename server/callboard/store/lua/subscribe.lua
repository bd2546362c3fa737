-- A browser shows notifications of the ticket from now on; the oldest of too many gives way.
--
-- ARGV      ticket, push (what the browser told), most
-- Event     person_changed
-- Refusals  not_found, ticket_closed

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.closed_at then return wrong(ticket) end
local raw = redis.call('HGET', people, ticket.id)
if not raw then return refuse('not_found') end

local person, pushes = cjson.decode(raw), {}
for _, one in ipairs(person.pushes or {}) do
  if one.id ~= arg.push.id then pushes[#pushes + 1] = one end
end
pushes[#pushes + 1] = arg.push
while #pushes > arg.most do table.remove(pushes, 1) end
person.pushes = pushes
redis.call('HSET', people, ticket.id, cjson.encode(person))
return {event = emit('person_changed', {ticket = ticket.id, queue = ticket.queue, state = ticket.state}), ticket = ticket}
