-- Somebody takes a ticket and waits.
--
-- ARGV      queue, token, id_tail, person, priority, head_start_ms, locale, source, force, open, day, party, almost_ahead, travel_min,
--           customer, phone, one_each, attachments
-- Event     joined
-- Refusals  location_closed, queue_closed, queue_full, has_ticket

if not arg.force then
  if not arg.open then return refuse('location_closed') end
  if redis.call('HEXISTS', queues, arg.queue) == 1 then return refuse('queue_closed') end
  local most = arg.policies[arg.queue].max_waiting
  if most and redis.call('ZCARD', waiting[arg.queue]) >= most then return refuse('queue_full') end
end
if arg.one_each and has_open_ticket(arg.customer) then return refuse('has_ticket') end
if day_is_over() then return {again = 'reset'} end

local ticket = new_ticket('waiting')
start_waiting(ticket, at)
save_ticket(ticket)

local answer = done('joined', ticket)
answer.token = arg.token
return answer
