-- Stands in front of every script of one location; scripts.py puts them together.
--
-- KEYS  events, the fixed keys of keys.py, the partition's serials, the idempotency record, then each queue's line
-- ARGV  the arguments by name, as JSON; then the queues' ids in the order of their lines

local events, state, tickets, people, tokens = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local calls, desks, queues, slots, held = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local closed, undo, diary, theirs, attachments = KEYS[11], KEYS[12], KEYS[13], KEYS[14], KEYS[15]
local elsewhere, expected, serials, once = KEYS[16], KEYS[17], KEYS[18], KEYS[19]

local arg = cjson.decode(ARGV[1])
local at = arg.at
local waiting, lines = {}, {}
for i = 20, #KEYS do
  lines[#lines + 1] = ARGV[i - 18]
  waiting[ARGV[i - 18]] = KEYS[i]
end

-- What a command that does not fit is told: the word for the state the ticket is in.
local WRONG = {
  reserved = 'not_checked_in', booked = 'not_checked_in', waiting = 'still_waiting', called = 'already_called',
  serving = 'already_serving', held = 'on_hold', done = 'ticket_closed', no_show = 'ticket_closed',
  cancelled = 'ticket_closed',
}

local function refuse(word) return {refused = word} end
local function wrong(ticket) return refuse(WRONG[ticket.state]) end

-- Scores keep every bit of a double; cjson would keep 14 digits.
local function exact(score) return string.format('%.17g', score) end

local before, after = {}, {} -- what this transition changes: hash .. field -> raw text

local function current(hash, field)
  local key = hash .. ' ' .. field
  if before[key] == nil then before[key] = redis.call('HGET', hash, field) end
  return after[key] or before[key], key
end

local function write(hash, field, value)
  local _, key = current(hash, field)
  after[key] = value
  redis.call('HSET', hash, field, value)
end

-- The sorted sets that hold a ticket, with its score in each: all of it follows from the record.
local function places(ticket)
  local p = {}
  if ticket.state == 'waiting' then p[waiting[ticket.queue]] = ticket.score
  elseif ticket.state == 'held' then p[held] = ticket.held_at
  elseif ticket.state == 'serving' and not ticket.desk then p[elsewhere] = ticket.started_at
  elseif ticket.state == 'reserved' or ticket.state == 'booked' then p[slots] = ticket.slot_at
  elseif ticket.closed_at then p[closed] = ticket.closed_at end
  if ticket.first_call then p[calls] = ticket.first_call end
  if ticket.slot_at and ticket.state ~= 'cancelled' then p[diary] = ticket.slot_at end
  return p
end

-- What a ticket adds to its queue's day. All of it follows from the record, so whatever changes or takes back a record
-- keeps the figures right.
local function figures(ticket)
  local f, policy = {}, arg.policies[ticket.queue]
  if not (ticket.number and policy) then return f end
  local function add(name, value) f[name .. ':' .. ticket.queue] = value end
  add('came', 1)
  if ticket.last_called_at and ticket.joined_at then
    local ms = ticket.last_called_at - ticket.joined_at
    add('called', 1)
    add('called_ms', ms)
    if ms <= policy.target_ms then add('in_time', 1) end
  end
  if ticket.close_reason == 'customer' or ticket.close_reason == 'abandoned' then add('left', 1) end
  return f
end

local function count(from, to)
  local old, new = from and figures(from) or {}, figures(to)
  for name, value in pairs(old) do if not new[name] then redis.call('HINCRBY', state, name, -value) end end
  for name, value in pairs(new) do
    local more = value - (old[name] or 0)
    if more ~= 0 then redis.call('HINCRBY', state, name, more) end
  end
end

local function move(from, to)
  count(from, to)
  local old, new = from and places(from) or {}, places(to)
  for key in pairs(old) do if not new[key] then redis.call('ZREM', key, to.id) end end
  for key, score in pairs(new) do if old[key] ~= score then redis.call('ZADD', key, score, to.id) end end
end

-- A ticket is named by its id, or as a number by its serial.
local function id_of(name)
  return type(name) == 'number' and (redis.call('HGET', serials, name) or '') or name
end

local function load_ticket(id)
  local raw = current(tickets, id)
  local ticket = raw and cjson.decode(raw)
  if ticket and waiting[ticket.queue] then return ticket end
end

local function save_ticket(ticket, command)
  local raw = current(tickets, ticket.id)
  local old = raw and cjson.decode(raw)
  ticket.rev = (ticket.rev or 0) + 1
  ticket.last, ticket.changed_at = command or arg.command, at
  move(old, ticket)
  write(tickets, ticket.id, cjson.encode(ticket))
  return old
end

local function load_desk(id)
  local raw = current(desks, id)
  return raw and cjson.decode(raw) or {open = false, staff = ''}
end

local function save_desk(id, desk) write(desks, id, cjson.encode(desk)) end

-- The desk's hands are free again.
local function leave_desk(ticket)
  if not ticket.desk then return end
  local desk = load_desk(ticket.desk)
  if desk.ticket == ticket.id then
    desk.ticket = nil
    save_desk(ticket.desk, desk)
  end
end

-- No longer called: it leaves the board's lines and forgets its desk.
local function uncall(ticket)
  leave_desk(ticket)
  ticket.desk, ticket.called_at, ticket.started_at = nil, nil, nil
  ticket.call, ticket.first_call, ticket.calls, ticket.announced_at = nil, nil, nil, nil
end

-- Whether the store has lost something that the sender has seen. Asked before anything else.
local has_epoch
local function is_behind()
  local seq, epoch = unpack(redis.call('HMGET', state, 'seq', 'epoch'))
  has_epoch = epoch
  return tonumber(seq or 0) < arg.seen
end

local seq
local function next_seq()
  if not seq then
    seq = redis.call('HINCRBY', state, 'seq', 1)
    if not has_epoch then redis.call('HSETNX', state, 'epoch', arg.epoch) end
  end
  return seq
end

-- Numbers start again each day; a ticket may only be drawn once the day has been turned over.
local today
local function day_is_over()
  today = redis.call('HGET', state, 'day')
  if not today then
    today = arg.day
    redis.call('HSET', state, 'day', today)
  end
  return arg.day > today
end

-- Whose ticket it is, for as long as the person behind it is known: a customer's, and a number's that they can be written
-- to at. Ids begin with the serial, so each one's stand together and the oldest first.
local function number(phone) return 'number:' .. redis.sha1hex(phone) end
local function belongs_to(customer, id) redis.call('ZADD', theirs, 0, customer .. ' ' .. id) end
local function no_longer_belongs_to(customer, id) redis.call('ZREM', theirs, customer .. ' ' .. id) end

local function ids_of_customer(customer)
  local ids = redis.call('ZRANGEBYLEX', theirs, '[' .. customer .. ' ', '(' .. customer .. '!')
  for i, each in ipairs(ids) do ids[i] = string.sub(each, #customer + 2) end
  return ids
end

local function has_open_ticket(customer)
  for _, id in ipairs(ids_of_customer(customer)) do
    local ticket = load_ticket(id)
    if ticket and not ticket.closed_at then return true end
  end
end

local function forget_person(id)
  local raw = redis.call('HGET', people, id)
  if not raw then return end
  local person = cjson.decode(raw)
  redis.call('HDEL', tokens, person.token)
  redis.call('HDEL', people, id)
  redis.call('HDEL', attachments, id)
  if person.customer then no_longer_belongs_to(person.customer, id) end
  if person.phone then no_longer_belongs_to(number(person.phone), id) end
end

-- Whether a queue's slot has no place left; `except` is a ticket that moves and is not counted.
local function slot_is_full(queue, slot_at, except)
  local most, count = arg.policies[queue].slot_places, 0
  if not most then return false end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', diary, slot_at, slot_at)) do
    local ticket = id ~= except and load_ticket(id)
    if ticket and ticket.queue == queue then count = count + 1 end
  end
  return count >= most
end

-- How much further than was seen everything goes on behind a loss: in the moment before it another process may have
-- given what nobody else has heard of.
local SPARE, SPARE_NUMBERS = 1000, 10

-- Serials of a partition are those that leave its number as the remainder, so each leads to its place. They are those of
-- several locations: some may have been lost of another than this.
local function next_serial()
  local last = redis.call('HINCRBY', serials, 'last', 1)
  if last <= arg.last_serial then last = redis.call('HINCRBY', serials, 'last', arg.last_serial + SPARE - last) end
  return last * arg.partitions + arg.partition
end

local function new_ticket(status)
  local serial = next_serial()
  local id = string.format('%08x-%04x', math.floor(serial / 65536), serial % 65536) .. arg.id_tail
  redis.call('HSET', serials, serial, id)
  redis.call('HSET', people, id, arg.person)
  redis.call('HSET', tokens, arg.token, id)
  if arg.attachments then redis.call('HSET', attachments, id, arg.attachments) end
  if arg.customer then belongs_to(arg.customer, id) end
  if arg.phone then belongs_to(number(arg.phone), id) end
  return {
    id = id, serial = serial, location = arg.location, queue = arg.queue, state = status, created_at = at,
    priority = arg.priority, head_start_ms = arg.head_start_ms, locale = arg.locale, source = arg.source,
    slot_at = arg.slot_at, slot_end = arg.slot_end, expires_at = arg.expires_at, party = arg.party,
    almost_ahead = arg.almost_ahead, travel_min = arg.travel_min,
  }
end

local drawn
local function draw_number(ticket)
  if ticket.number then return end
  drawn = true
  ticket.number = redis.call('HINCRBY', state, 'number:' .. ticket.queue, 1)
  ticket.label = arg.policies[ticket.queue].tag .. string.format('%03d', ticket.number)
end

-- When a booking counts as having arrived: at its slot, but never before it was made, or a slot that has passed would
-- lead past everybody who waits.
local function booked_arrival(ticket) return math.max(ticket.slot_at, ticket.created_at) end

-- It starts to wait as if it had arrived at `arrival`, less its head start; its number is drawn now.
local function start_waiting(ticket, arrival)
  draw_number(ticket)
  ticket.state, ticket.joined_at = 'waiting', at
  ticket.score = exact(arrival - ticket.head_start_ms)
end

-- A score just behind the `count`-th ticket after this one, which is in its line; behind everybody when there are fewer.
local function score_behind(ticket, count)
  local line = waiting[ticket.queue]
  local target = redis.call('ZRANK', line, ticket.id) + count
  local found = redis.call('ZRANGE', line, target, target, 'WITHSCORES')
  if #found == 0 then found = redis.call('ZRANGE', line, -1, -1, 'WITHSCORES') end
  if found[1] == ticket.id then return ticket.score end
  return exact(tonumber(found[2]) + 0.001)
end

local function close(ticket, status, reason)
  leave_desk(ticket)
  ticket.state, ticket.closed_at, ticket.close_reason, ticket.held_by, ticket.held_at = status, at, reason, nil, nil
end

-- How long services took today, for the wait estimate.
local served
local function count_service(ticket)
  local ms = at - (ticket.started_at or ticket.called_at)
  served = {queue = ticket.queue, ms = ms}
  redis.call('HINCRBY', state, 'served:' .. ticket.queue, 1)
  redis.call('HINCRBY', state, 'served_ms:' .. ticket.queue, ms)
end

local function finish_ticket(ticket)
  count_service(ticket)
  close(ticket, 'done', 'served')
  save_ticket(ticket, 'finish')
end

local function call_ticket(ticket, desk_id, desk)
  ticket.state, ticket.desk, ticket.called_at, ticket.last_called_at = 'called', desk_id, at, at
  if desk.staff ~= '' then ticket.staff = desk.staff end
  ticket.call, ticket.first_call, ticket.calls, ticket.announced_at = next_seq(), next_seq(), 1, at
  ticket.held_by, ticket.held_at = nil, nil
  desk.ticket = ticket.id
  save_desk(desk_id, desk)
  local old = save_ticket(ticket)
  redis.call('ZREMRANGEBYRANK', calls, 0, -61)
  return old
end

-- The ticket as it stands, for who reads the event later; who called it is somebody's name and stays out. The text is
-- cut, since reading and writing it again would cost half as much as the whole transition. Within a value every quote
-- has a backslash before it, so the key is found nowhere else.
local function as_it_stands(id)
  local raw = current(tickets, id) or ''
  local first, last = string.find(raw, '"staff":"', 1, true)
  if not first then return raw end
  repeat
    last = string.find(raw, '["\\]', last + 1)
    local over = string.sub(raw, last, last) == '"'
    if not over then last = last + 1 end
  until over
  if string.sub(raw, last + 1, last + 1) == ',' then last = last + 1 else first = first - 1 end
  return string.sub(raw, 1, first - 1) .. string.sub(raw, last + 1)
end

local function emit(kind, fields)
  local flat = {'kind', kind, 'at', string.format('%.0f', at), 'location', arg.location, 'seq', next_seq()}
  local event = {kind = kind, at = at, location = arg.location, seq = seq}
  for name, value in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
    event[name] = value
  end
  for name, id in pairs({stood = event.ticket, finished_stood = event.finished}) do -- for who reads it later
    flat[#flat + 1] = name
    flat[#flat + 1] = as_it_stands(id)
  end
  event.id = redis.call('XADD', events, '*', unpack(flat))
  return event
end

-- Whose transition it is: the desk named in the command, else the desk the ticket is at. Only that desk can undo it.
local actor
local function at_wrong_desk(ticket)
  actor = arg.desk or ticket.desk
  return arg.desk and ticket.desk and ticket.desk ~= arg.desk
end

-- For who follows the lines by their events.
local function where_it_stands(fields, ticket)
  fields.slot_at = ticket.slot_at
  if ticket.state == 'waiting' then
    fields.score, fields.joined_at, fields.head_start_ms = ticket.score, ticket.joined_at, ticket.head_start_ms
  end
end

-- The end of every transition of a ticket: one event, and what the desk needs to undo it.
local function done(kind, ticket, old, fields)
  fields = fields or {}
  fields.ticket, fields.queue, fields.state = ticket.id, ticket.queue, ticket.state
  fields.before = old and old.state or nil
  fields.desk = actor or ticket.desk
  where_it_stands(fields, ticket)
  if drawn then fields.number, fields.day = ticket.number, today end
  if actor then
    redis.call('HSET', undo, actor, cjson.encode({
      kind = kind, at = at, ticket = ticket.id, label = ticket.label, before = before, after = after, served = served,
    }))
  end
  return {event = emit(kind, fields), ticket = ticket}
end
