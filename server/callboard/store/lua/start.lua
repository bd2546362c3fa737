-- The called person is at the desk.
--
-- ARGV      ticket, desk
-- Event     started
-- Refusals  not_found, not_checked_in, still_waiting, already_serving, on_hold, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'called' then return wrong(ticket) end
if at_wrong_desk(ticket) then return refuse('wrong_desk') end

ticket.state, ticket.started_at = 'serving', at
return done('started', ticket, save_ticket(ticket))
