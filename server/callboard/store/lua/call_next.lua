-- The first waiting ticket that a desk serves goes to it; what the desk had is finished, if its queue says so.
--
-- ARGV      desk, serves (queues in order, or the one that is asked for), take (listed or arrival)
-- Event     called
-- Refusals  desk_closed, desk_busy, queue_empty

local desk = load_desk(arg.desk)
if not desk.open then return refuse('desk_closed') end
local current = desk.ticket and load_ticket(desk.ticket)
if current and not arg.policies[current.queue].finish_on_next then return refuse('desk_busy') end

local id, best
for _, queue in ipairs(arg.serves) do
  local first = redis.call('ZRANGE', waiting[queue], 0, 0, 'WITHSCORES')
  if first[1] and (not best or tonumber(first[2]) < best) then id, best = first[1], tonumber(first[2]) end
  if id and arg.take == 'listed' then break end
end
if not id then return refuse('queue_empty') end

actor = arg.desk
if current then finish_ticket(current) end
local ticket = load_ticket(id)
local old = call_ticket(ticket, arg.desk, load_desk(arg.desk))
return done('called', ticket, old, {finished = current and current.id or nil})
