-- Somebody with a booking is told that it comes soon; once for each slot.
--
-- ARGV      ticket
-- Event     reminded
-- Refusals  not_found, not_checked_in, still_waiting, already_called, already_serving, on_hold, ticket_closed, too_late, limit_reached

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'booked' then return wrong(ticket) end
if ticket.reminded_at then return refuse('limit_reached') end
if at >= ticket.slot_at then return refuse('too_late') end

ticket.reminded_at = at
return done('reminded', ticket, save_ticket(ticket))
