-- A reservation or booking moves to another slot.
--
-- ARGV      ticket, slot_at, slot_end, force
-- Event     rescheduled
-- Refusals  not_found, still_waiting, already_called, already_serving, on_hold, ticket_closed, slot_full

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'booked' and ticket.state ~= 'reserved' then return wrong(ticket) end
if not arg.force and slot_is_full(ticket.queue, arg.slot_at, ticket.id) then return refuse('slot_full') end

ticket.slot_at, ticket.slot_end, ticket.reminded_at = arg.slot_at, arg.slot_end, nil
local stays_ms = arg.policies[ticket.queue].reserve_ms
if ticket.state == 'reserved' then ticket.expires_at = stays_ms and at + stays_ms end
return done('rescheduled', ticket, save_ticket(ticket))
