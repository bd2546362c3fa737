-- A called ticket is announced again; it keeps its place on the board.
--
-- ARGV      ticket, desk
-- Event     recalled
-- Refusals  not_found, not_checked_in, still_waiting, already_serving, on_hold, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'called' then return wrong(ticket) end
if at_wrong_desk(ticket) then return refuse('wrong_desk') end

ticket.call, ticket.calls, ticket.announced_at = next_seq(), ticket.calls + 1, at
return done('recalled', ticket, save_ticket(ticket))
