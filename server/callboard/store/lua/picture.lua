-- Everything that a location's screens, desks and phones are told, at one instant. Runs behind prelude.lua and
-- changes nothing.
--
-- ARGV      phones (ticket ids), first (how many of each line), calls (how many), staff (the lists of theirs too)
-- Answers   seq, epoch and day; desks; of each line its counts and first tickets; calls; phones with their places;
--           held, booked and closed tickets and what each desk may undo; who is at the desks

local function records(ids)
  if #ids == 0 then return {} end
  return redis.call('HMGET', tickets, unpack(ids))
end

local line_list = {}
for i, queue in ipairs(lines) do
  local line = waiting[queue]
  line_list[i] = {
    queue, redis.call('ZCARD', line), redis.call('HEXISTS', queues, queue),
    redis.call('HGET', state, 'served:' .. queue), redis.call('HGET', state, 'served_ms:' .. queue),
    arg.first > 0 and records(redis.call('ZRANGE', line, 0, arg.first - 1)) or {},
  }
end

local phone_list = {}
for i, id in ipairs(arg.phones) do
  local raw = redis.call('HGET', tickets, id)
  local line = raw and waiting[cjson.decode(raw).queue]
  phone_list[i] = {id, raw, line and redis.call('ZRANK', line, id) or false}
end

local staff = {}
if arg.staff then
  staff = {
    records(redis.call('ZRANGE', held, 0, 49)), records(redis.call('ZRANGE', slots, 0, 49)),
    records(redis.call('ZREVRANGE', closed, 0, 9)), redis.call('HGETALL', undo),
  }
end

local at_desks = {}
for _, raw in ipairs(redis.call('HVALS', desks)) do at_desks[#at_desks + 1] = cjson.decode(raw).ticket end

return {
  redis.call('HMGET', state, 'seq', 'epoch', 'day'), redis.call('HGETALL', desks), line_list,
  records(redis.call('ZREVRANGE', calls, 0, arg.calls - 1)), phone_list, staff, records(at_desks),
}
