-- The day turns over: numbers start again, desks close, who still waits is sent away if the location says so, and
-- tickets that closed long ago are forgotten with their people. Once per business day, however often it is asked. It
-- may come late: whoever has a slot in the day that has begun keeps it, and a reservation that never runs out stays.
--
-- ARGV      day, began_at, clears, keep_ms
-- Event     reset
-- Refusals  none

local day = redis.call('HGET', state, 'day')
if day and day >= arg.day then return {again = 'no'} end

local function cancel_all(line)
  for _, id in ipairs(redis.call('ZRANGE', line, 0, -1)) do
    local ticket = load_ticket(id)
    local stays = ticket and (ticket.slot_at and ticket.slot_at >= arg.began_at
      or ticket.state == 'reserved' and not ticket.expires_at)
    if ticket and not stays then
      close(ticket, 'cancelled', 'reset')
      save_ticket(ticket)
    end
  end
end
if arg.clears then
  for _, queue in ipairs(lines) do cancel_all(waiting[queue]) end
  cancel_all(held)
end
cancel_all(slots)
local left = {} -- desks that were open, each with the ticket that it had
local known = redis.call('HGETALL', desks)
for i = 1, #known, 2 do
  local desk = cjson.decode(known[i + 1])
  local ticket = desk.ticket and load_ticket(desk.ticket)
  if ticket then finish_ticket(ticket) end
  if desk.open then left[#left + 1] = known[i] .. '=' .. (desk.ticket or '') end
end
table.sort(left)
for _, id in ipairs(redis.call('ZRANGE', elsewhere, 0, -1)) do
  local ticket = load_ticket(id)
  if ticket then finish_ticket(ticket) end
end
redis.call('DEL', desks, undo, calls)

for _, id in ipairs(redis.call('ZRANGEBYSCORE', closed, '-inf', at - arg.keep_ms)) do
  local raw = redis.call('HGET', tickets, id)
  local ticket = raw and cjson.decode(raw)
  if ticket then
    local known_as = ticket.known_as and 'as:' .. ticket.known_as
    redis.call('HDEL', serials, ticket.serial)
    if known_as and redis.call('HGET', serials, known_as) == id then redis.call('HDEL', serials, known_as) end
  end
  forget_person(id)
  redis.call('HDEL', tickets, id)
  redis.call('ZREM', closed, id)
  redis.call('ZREM', diary, id)
end
for _, queue in ipairs(lines) do
  for _, name in ipairs({'number', 'served', 'served_ms', 'came', 'called', 'called_ms', 'in_time', 'left'}) do
    redis.call('HDEL', state, name .. ':' .. queue)
  end
  local floor = redis.call('HGET', state, 'floor:' .. queue) -- numbers that the store has lost, of a day
  local of_day, number = string.match(floor or '', '^(%S+) (%d+)$')
  if of_day == arg.day then redis.call('HSET', state, 'number:' .. queue, number) end
  if floor and of_day <= arg.day then redis.call('HDEL', state, 'floor:' .. queue) end
end
redis.call('HSET', state, 'day', arg.day)
return {event = emit('reset', {
  left = left[1] and table.concat(left, ' ') or nil, stays = not arg.clears and 1 or nil,
})}
