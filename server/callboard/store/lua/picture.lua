-- Everything that a location's screens, desks and phones are told, at one instant. Runs behind prelude.lua, as the
-- function `picture(look)`, and changes nothing.
--
-- ARGV      phones (tickets, by id or serial), first (how many of each line), calls (how many), staff (the lists of theirs too),
--           queue or customer and states (all its or their tickets in those states count as phones instead), people
--           (phones with their people): the fields of `look`
-- Answers   seq, epoch and day; desks; of each line its counts, first tickets and day; calls; phones with their places and
--           people; for staff held, booked and closed tickets, what each desk may undo, and who is at the desks; what
--           is expected of the lines

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
    look.first > 0 and records(redis.call('ZRANGE', line, 0, look.first - 1)) or {},
    redis.call('HMGET', state, 'came:' .. queue, 'called:' .. queue, 'called_ms:' .. queue, 'in_time:' .. queue,
      'left:' .. queue),
  }
end

local at_desks = {}
for _, raw in ipairs(redis.call('HVALS', desks)) do at_desks[#at_desks + 1] = cjson.decode(raw).ticket end

local wanted, ranks = {}, {} -- ranks that are known without asking
for _, each in ipairs(look.states or {}) do wanted[each] = true end

local function tickets_of_customer()
  local found = {}
  for _, id in ipairs(ids_of_customer(look.customer)) do
    local ticket = load_ticket(id)
    if ticket and wanted[ticket.state] then found[#found + 1] = id end
  end
  return found
end

-- Those of one queue in some states: its line in order, then whoever else may be in one of them.
local function tickets_of_queue()
  local found, rest = {}, {}
  local function add(ids) for _, id in ipairs(ids) do rest[#rest + 1] = id end end
  if wanted.waiting then found = redis.call('ZRANGE', waiting[look.queue], 0, -1) end
  for i, id in ipairs(found) do ranks[id] = i - 1 end
  if wanted.called or wanted.serving then add(at_desks) end
  if wanted.serving then add(redis.call('ZRANGE', elsewhere, 0, -1)) end
  if wanted.held then add(redis.call('ZRANGE', held, 0, -1)) end
  if wanted.reserved or wanted.booked then add(redis.call('ZRANGE', slots, 0, -1)) end
  if wanted.done or wanted.no_show or wanted.cancelled then add(redis.call('ZRANGE', closed, 0, -1)) end
  for _, id in ipairs(rest) do
    local raw = redis.call('HGET', tickets, id)
    local ticket = raw and cjson.decode(raw)
    if ticket and ticket.queue == look.queue and wanted[ticket.state] then found[#found + 1] = id end
  end
  return found
end

-- Some thousands at most can be handed to a command at once.
local function values(hash, ids)
  local found = {}
  for first = 1, #ids, 1000 do
    local part = redis.call('HMGET', hash, unpack(ids, first, math.min(first + 999, #ids)))
    for i, value in ipairs(part) do found[first + i - 1] = value end
  end
  return found
end

local function rank_of(raw, id)
  local line = waiting[cjson.decode(raw).queue]
  return line and redis.call('ZRANK', line, id) or false
end

local ids = look.customer and tickets_of_customer() or look.states and tickets_of_queue() or look.phones
for i, name in ipairs(ids) do ids[i] = id_of(name) end
local raws, persons, phone_list = values(tickets, ids), look.people and values(people, ids) or {}, {}
for i, id in ipairs(ids) do
  local raw = raws[i]
  phone_list[i] = {id, raw, raw and (ranks[id] or rank_of(raw, id)), raw and persons[i] or false}
end

local staff = {}
if look.staff then
  staff = {
    records(redis.call('ZRANGE', held, 0, 49)), records(redis.call('ZRANGE', slots, 0, 49)),
    records(redis.call('ZREVRANGE', closed, 0, 9)), redis.call('HGETALL', undo),
  }
end

return {
  redis.call('HMGET', state, 'seq', 'epoch', 'day'), redis.call('HGETALL', desks), line_list,
  look.calls > 0 and records(redis.call('ZREVRANGE', calls, 0, look.calls - 1)) or {}, phone_list, staff,
  look.staff and records(at_desks) or {}, redis.call('GET', expected),
}
