-- Stands behind every script: an idempotency key gives the first answer again, refusals too. A command that shows answers
-- the picture of now as well, with its ticket; one for who may know some tickets only is told of no other.

local function said(text, ticket)
  if not (arg.shows and ticket) then return text end
  return {text, picture({phones = {ticket.id}, first = 0, calls = 0, people = true})}
end

local function is_meant(only)
  local ticket = load_ticket(arg.ticket)
  if not ticket or only.queue and ticket.queue ~= only.queue then return false end
  if only.states and not only.states[ticket.state] then return false end
  if not only.customer then return true end
  local person = redis.call('HGET', people, ticket.id)
  return person and cjson.decode(person).customer == only.customer
end

if is_behind() and arg.command ~= 'restore' then return cjson.encode({again = 'behind'}) end
local first = arg.once and redis.call('GET', once)
if first then
  local cut = string.find(first, ' ', 1, true)
  if string.sub(first, 1, cut - 1) ~= arg.once then return cjson.encode({refused = 'key_reused'}) end
  local text = string.sub(first, cut + 1)
  return said(text, arg.shows and cjson.decode(text).ticket)
end
if arg.ticket then arg.ticket = id_of(arg.ticket) end
local answer = (not arg.only or is_meant(arg.only)) and transition() or refuse('not_found')
if answer.again then return cjson.encode(answer) end
local text = cjson.encode(answer)
if arg.once then redis.call('SET', once, arg.once .. ' ' .. text, 'PX', arg.once_ms) end
return said(text, answer.ticket)
