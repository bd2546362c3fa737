-- A slot is kept for somebody who has yet to confirm it.
--
-- ARGV      queue, slot_at, expires_at, token, id_tail, person, priority, head_start_ms, locale, source, force
-- Event     reserved
-- Refusals  queue_closed

if not arg.force and redis.call('HEXISTS', queues, arg.queue) == 1 then return refuse('queue_closed') end

local ticket = new_ticket('reserved')
save_ticket(ticket)

local answer = done('reserved', ticket)
answer.token = arg.token
return answer
