-- The store was found behind what somebody has seen of it: serials, numbers and the count of events go on behind that,
-- in a new epoch, so that whoever listens begins anew. What was lost stays lost.
--
-- ARGV      day, numbers (the last of each queue on that day)
-- Event     restored
-- Refusals  none

local found = tonumber(redis.call('HGET', state, 'seq') or 0)
if found >= arg.seen then return {again = 'no'} end
redis.call('HSET', state, 'seq', arg.seen + SPARE, 'epoch', arg.epoch)

local last = tonumber(redis.call('HGET', serials, 'last') or 0)
redis.call('HSET', serials, 'last', math.max(last, arg.last_serial) + SPARE)

-- A day that the store has yet to turn to waits in `floor:`; `reset` goes on from there.
local day = redis.call('HGET', state, 'day')
if not day and arg.day ~= '' then redis.call('HSET', state, 'day', arg.day) end
for queue, number in pairs(arg.numbers) do
  if not day or day == arg.day then
    local given = tonumber(redis.call('HGET', state, 'number:' .. queue) or 0)
    redis.call('HSET', state, 'number:' .. queue, math.max(given, number) + SPARE_NUMBERS)
  elseif day < arg.day then
    redis.call('HSET', state, 'floor:' .. queue, arg.day .. ' ' .. number + SPARE_NUMBERS)
  end
end
return {event = emit('restored', {lost = arg.seen - found})}
