-- Somebody with a booking has arrived and waits; it counts as having arrived at its slot.
--
-- ARGV      ticket, force, day
-- Event     checked_in
-- Refusals  not_found, still_waiting, already_called, already_serving, on_hold, ticket_closed, too_early, too_late, staff_only

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'booked' and ticket.state ~= 'reserved' then return wrong(ticket) end
local policy = arg.policies[ticket.queue]
local late = at > ticket.slot_at + policy.late_ms
if not arg.force then
  if at < ticket.slot_at - policy.early_ms then return refuse('too_early') end
  if late then return refuse('too_late') end
  if policy.staff_checks_in then return refuse('staff_only') end
end
if day_is_over() then return {again = 'reset'} end

start_waiting(ticket, late and at or booked_arrival(ticket))
return done('checked_in', ticket, save_ticket(ticket))
