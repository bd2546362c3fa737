-- Staff learn something of a person: what they have written, or whether texts reach them.
--
-- ARGV      ticket, text (what they have written), most (so many of these are kept), no_texts (why none reaches them; empty when
--           they do)
-- Event     noted
-- Refusals  not_found

local ticket = load_ticket(arg.ticket)
local raw = ticket and redis.call('HGET', people, ticket.id)
if not raw then return refuse('not_found') end

local person = cjson.decode(raw)
if arg.text then
  local notes = person.notes or {}
  notes[#notes + 1] = {at = at, text = arg.text}
  while #notes > arg.most do table.remove(notes, 1) end
  person.notes = notes
end
if arg.no_texts then person.no_texts = arg.no_texts ~= '' and arg.no_texts or nil end
redis.call('HSET', people, ticket.id, cjson.encode(person))
return {event = emit('noted', {ticket = ticket.id, queue = ticket.queue, state = ticket.state}), ticket = ticket}
