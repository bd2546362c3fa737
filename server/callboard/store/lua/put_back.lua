-- A called ticket waits again, in its old place or some places further back.
--
-- ARGV      ticket, desk, places
-- Event     put_back
-- Refusals  not_found, not_checked_in, still_waiting, already_serving, on_hold, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'called' then return wrong(ticket) end
if at_wrong_desk(ticket) then return refuse('wrong_desk') end

uncall(ticket)
ticket.state, ticket.retry_count = 'waiting', (ticket.retry_count or 0) + 1
if arg.places > 0 then
  redis.call('ZADD', waiting[ticket.queue], ticket.score, ticket.id)
  ticket.score = score_behind(ticket, arg.places)
end
return done('put_back', ticket, save_ticket(ticket))
