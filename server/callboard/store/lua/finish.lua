-- The visit is over.
--
-- ARGV      ticket, desk
-- Event     finished
-- Refusals  not_found, not_checked_in, still_waiting, on_hold, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'called' and ticket.state ~= 'serving' then return wrong(ticket) end
if at_wrong_desk(ticket) then return refuse('wrong_desk') end

count_service(ticket)
close(ticket, 'done', 'served')
return done('finished', ticket, save_ticket(ticket), {reason = 'served'})
