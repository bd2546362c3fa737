-- The slot has come: a booking starts to wait by itself.
--
-- ARGV      ticket, day
-- Event     activated
-- Refusals  not_found, not_checked_in, still_waiting, already_called, already_serving, on_hold, ticket_closed, too_early

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'booked' then return wrong(ticket) end
if at < ticket.slot_at then return refuse('too_early') end
if day_is_over() then return {again = 'reset'} end

start_waiting(ticket, booked_arrival(ticket))
return done('activated', ticket, save_ticket(ticket))
