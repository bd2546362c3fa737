-- A browser shows no notifications of the ticket any more, or is not there any more.
--
-- ARGV      ticket, push (its id)
-- Event     person_changed
-- Refusals  not_found

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
local raw = redis.call('HGET', people, ticket.id)
if not raw then return refuse('not_found') end

local person, pushes = cjson.decode(raw), {}
for _, one in ipairs(person.pushes or {}) do
  if one.id ~= arg.push then pushes[#pushes + 1] = one end
end
person.pushes = #pushes > 0 and pushes or nil
redis.call('HSET', people, ticket.id, cjson.encode(person))
return {event = emit('person_changed', {ticket = ticket.id, queue = ticket.queue, state = ticket.state}), ticket = ticket}
