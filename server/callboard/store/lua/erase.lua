-- The person behind a ticket is forgotten; the ticket itself stays for the figures.
--
-- ARGV      ticket
-- Event     erased
-- Refusals  not_found

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
forget_person(ticket.id)
return {event = emit('erased', {ticket = ticket.id, queue = ticket.queue, state = ticket.state}), ticket = ticket}
