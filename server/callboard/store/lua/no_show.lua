-- Nobody came when the ticket was called.
--
-- ARGV      ticket, desk
-- Event     no_show
-- Refusals  not_found, not_checked_in, still_waiting, already_serving, on_hold, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'called' then return wrong(ticket) end
if at_wrong_desk(ticket) then return refuse('wrong_desk') end

close(ticket, 'no_show', 'no_show')
return done('no_show', ticket, save_ticket(ticket), {reason = 'no_show'})
