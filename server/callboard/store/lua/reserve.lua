-- A slot is kept for somebody who has yet to confirm it.
--
-- ARGV      queue, slot_at, slot_end, expires_at, token, id_tail, person, priority, head_start_ms, locale, source, force,
--           party, almost_ahead, travel_min, customer, phone, one_each, attachments
-- Event     reserved
-- Refusals  queue_closed, slot_full, has_ticket

if not arg.force and redis.call('HEXISTS', queues, arg.queue) == 1 then return refuse('queue_closed') end
if not arg.force and slot_is_full(arg.queue, arg.slot_at) then return refuse('slot_full') end
if arg.one_each and has_open_ticket(arg.customer) then return refuse('has_ticket') end

local ticket = new_ticket('reserved')
save_ticket(ticket)

local answer = done('reserved', ticket)
answer.token = arg.token
return answer
