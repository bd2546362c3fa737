-- A parked ticket waits again, in its old place.
--
-- ARGV      ticket, desk
-- Event     released
-- Refusals  not_found, not_checked_in, still_waiting, already_called, already_serving, ticket_closed

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'held' then return wrong(ticket) end

actor = arg.desk
ticket.state, ticket.held_by, ticket.held_at = 'waiting', nil, nil
return done('released', ticket, save_ticket(ticket))
