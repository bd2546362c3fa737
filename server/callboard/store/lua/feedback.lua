-- What somebody says of a visit that has ended; said again, the last word counts.
--
-- ARGV      ticket, rating, comment
-- Event     feedback
-- Refusals  not_found, not_served

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.state ~= 'done' then return refuse('not_served') end

ticket.rating = arg.rating
local raw = redis.call('HGET', people, ticket.id)
if raw then
  local person = cjson.decode(raw)
  person.comment = arg.comment ~= '' and arg.comment or nil
  redis.call('HSET', people, ticket.id, cjson.encode(person))
end
return done('feedback', ticket, save_ticket(ticket))
