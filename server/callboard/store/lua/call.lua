-- A chosen ticket goes to a desk, out of turn.
--
-- ARGV      ticket, desk
-- Event     called
-- Refusals  not_found, not_checked_in, already_called, already_serving, ticket_closed, desk_closed, desk_busy

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'waiting' and ticket.state ~= 'held' then return wrong(ticket) end
local desk = load_desk(arg.desk)
if not desk.open then return refuse('desk_closed') end
local current = desk.ticket and load_ticket(desk.ticket)
if current and not arg.policies[current.queue].finish_on_next then return refuse('desk_busy') end

actor = arg.desk
if current then finish_ticket(current) end
local old = call_ticket(ticket, arg.desk, load_desk(arg.desk))
return done('called', ticket, old, {finished = current and current.id or nil})
