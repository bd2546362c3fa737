-- Somebody books a slot; the number is drawn when they check in.
--
-- ARGV      queue, slot_at, token, id_tail, person, priority, head_start_ms, locale, source, force
-- Event     booked
-- Refusals  queue_closed

if not arg.force and redis.call('HEXISTS', queues, arg.queue) == 1 then return refuse('queue_closed') end

local ticket = new_ticket('booked')
save_ticket(ticket)

local answer = done('booked', ticket)
answer.token = arg.token
return answer
