-- Staff, or another system, say what state a ticket is really in; the rules of the day are not asked. Back in the line it
-- stands at the end, or where it stood before.
--
-- ARGV      ticket, to, reason, desk, day, expected (the state it has to be in), keep_place
-- Event     corrected
-- Refusals  not_found, not_checked_in, still_waiting, already_called, already_serving, on_hold, ticket_closed

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state == arg.to and ticket.close_reason == arg.reason then return wrong(ticket) end
if arg.expected and ticket.state ~= arg.expected then return wrong(ticket) end
local is_open = arg.to == 'waiting' or arg.to == 'serving'
if is_open and not ticket.number and day_is_over() then return {again = 'reset'} end

actor = arg.desk or ticket.desk
if is_open then
  if arg.to == 'waiting' or ticket.state ~= 'called' then uncall(ticket) end
  ticket.closed_at, ticket.close_reason, ticket.held_by, ticket.held_at = nil, nil, nil, nil
end
if arg.to == 'waiting' then
  local score, joined_at = ticket.score, ticket.joined_at
  start_waiting(ticket, at)
  if arg.keep_place and score then ticket.score, ticket.joined_at = score, joined_at end
elseif arg.to == 'serving' then
  draw_number(ticket)
  ticket.state, ticket.started_at = 'serving', at
  ticket.called_at, ticket.joined_at = ticket.called_at or at, ticket.joined_at or at
  ticket.score = ticket.score or exact(at - ticket.head_start_ms) -- for when it waits again
  ticket.last_called_at = ticket.last_called_at or at
else
  if arg.to == 'done' and (ticket.state == 'called' or ticket.state == 'serving') then count_service(ticket) end
  close(ticket, arg.to, arg.reason)
end
return done('corrected', ticket, save_ticket(ticket), {reason = ticket.close_reason})
