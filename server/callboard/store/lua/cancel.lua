-- An open ticket is over without a visit.
--
-- ARGV      ticket, reason, desk
-- Event     cancelled
-- Refusals  not_found, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.closed_at then return wrong(ticket) end
if arg.desk and at_wrong_desk(ticket) then return refuse('wrong_desk') end

close(ticket, 'cancelled', arg.reason)
return done('cancelled', ticket, save_ticket(ticket), {reason = arg.reason})
