-- An open ticket goes on in another queue, with its arrival kept or as if it came now.
--
-- ARGV      ticket, queue, keep_arrival, desk, day
-- Event     transferred
-- Refusals  not_found, ticket_closed, wrong_desk, same_queue

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.closed_at then return wrong(ticket) end
if at_wrong_desk(ticket) then return refuse('wrong_desk') end
if ticket.queue == arg.queue then return refuse('same_queue') end
if not ticket.number and day_is_over() then return {again = 'reset'} end

local from, arrived = ticket.queue, ticket.score
uncall(ticket)
ticket.queue, ticket.held_by, ticket.held_at = arg.queue, nil, nil
ticket.head_start_ms = arg.policies[arg.queue].head_starts[ticket.priority or ''] or 0
local joined = ticket.joined_at
start_waiting(ticket, at)
if arg.keep_arrival and arrived then ticket.score, ticket.joined_at = arrived, joined end
return done('transferred', ticket, save_ticket(ticket), {from_queue = from})
