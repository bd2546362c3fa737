-- A ticket is parked with a desk or a pool.
--
-- ARGV      ticket, desk, held_by
-- Event     held
-- Refusals  not_found, not_checked_in, on_hold, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'waiting' and ticket.state ~= 'called' and ticket.state ~= 'serving' then return wrong(ticket) end
if at_wrong_desk(ticket) then return refuse('wrong_desk') end

uncall(ticket)
ticket.state, ticket.held_by, ticket.held_at = 'held', arg.held_by, at
return done('held', ticket, save_ticket(ticket))
