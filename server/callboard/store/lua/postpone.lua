-- "I need more time": some places or minutes back.
--
-- ARGV      ticket, places, ms, force
-- Event     postponed
-- Refusals  not_found, not_checked_in, already_called, already_serving, on_hold, ticket_closed, limit_reached

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'waiting' then return wrong(ticket) end
local often = ticket.postponed or 0
if not arg.force and often >= arg.policies[ticket.queue].postpone_max then return refuse('limit_reached') end

if arg.places > 0 then ticket.score = score_behind(ticket, arg.places) end
if arg.ms > 0 then ticket.score = exact(tonumber(ticket.score) + arg.ms) end
ticket.postponed = often + 1
return done('postponed', ticket, save_ticket(ticket))
