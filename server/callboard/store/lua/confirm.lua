-- A reservation becomes a booking.
--
-- ARGV      ticket
-- Event     confirmed
-- Refusals  not_found, already_booked, still_waiting, already_called, already_serving, on_hold, ticket_closed, too_late

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'reserved' then
  return ticket.state == 'booked' and refuse('already_booked') or wrong(ticket)
end
if ticket.expires_at and at >= ticket.expires_at then return refuse('too_late') end

ticket.state, ticket.expires_at = 'booked', nil
return done('confirmed', ticket, save_ticket(ticket))
