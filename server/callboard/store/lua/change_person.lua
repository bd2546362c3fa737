-- How to reach the person behind a ticket changes.
--
-- ARGV      ticket, changes (the fields of a person that change), extra_was (their extra, from which these were made),
--           consent (to being written to at what is new of them)
-- Event     person_changed
-- Refusals  not_found, ticket_closed, changed_since

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.closed_at then return wrong(ticket) end
local raw = redis.call('HGET', people, ticket.id)
if not raw then return refuse('not_found') end

local person = cjson.decode(raw)
if arg.extra_was and arg.extra_was ~= (person.extra or '') then return refuse('changed_since') end
local changes = arg.changes
if changes.attachments then
  redis.call('HSET', attachments, ticket.id, changes.attachments)
  changes.attachments = nil
end
if changes.customer and changes.customer ~= person.customer then
  if person.customer then no_longer_belongs_to(person.customer, ticket.id) end
  if changes.customer ~= '' then belongs_to(changes.customer, ticket.id) end
end
if changes.phone and changes.phone ~= (person.phone or '') then
  if person.phone then no_longer_belongs_to(number(person.phone), ticket.id) end
  if changes.phone ~= '' then belongs_to(number(changes.phone), ticket.id) end
  person.no_texts = nil
end
local consents = person.consent or {}
for _, way in ipairs({'phone', 'email'}) do
  local given, consent = changes[way], arg.consent[way]
  consent.at = consent.at or at
  if given == '' then consents[way] = nil
  elseif given and (given ~= person[way] or consent.words) then consents[way] = consent end
end
person.consent = next(consents) and consents or nil
for field, value in pairs(changes) do person[field] = value ~= '' and value or nil end
redis.call('HSET', people, ticket.id, cjson.encode(person))
return {event = emit('person_changed', {ticket = ticket.id, queue = ticket.queue, state = ticket.state}), ticket = ticket}
