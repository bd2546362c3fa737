-- Somebody who missed the call is back in time and waits again, in the old place.
--
-- ARGV      ticket, force, day
-- Event     rejoined
-- Refusals  not_found, not_checked_in, still_waiting, already_called, already_serving, on_hold, ticket_closed, too_late

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'no_show' then return wrong(ticket) end
if not arg.force and at > ticket.closed_at + arg.policies[ticket.queue].rejoin_ms then return refuse('too_late') end

if not ticket.number and day_is_over() then return {again = 'reset'} end

uncall(ticket)
if not ticket.number then start_waiting(ticket, at) end
ticket.state, ticket.closed_at, ticket.close_reason = 'waiting', nil, nil
return done('rejoined', ticket, save_ticket(ticket))
