-- The person behind a ticket is forgotten; the ticket itself stays for the figures.
--
-- ARGV      ticket
-- Event     erased
-- Refusals  not_found

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
local person = redis.call('HGET', people, ticket.id)
if person then
  redis.call('HDEL', tokens, cjson.decode(person).token)
  redis.call('HDEL', people, ticket.id)
end
return {event = emit('erased', {ticket = ticket.id, queue = ticket.queue, state = ticket.state}), ticket = ticket}
