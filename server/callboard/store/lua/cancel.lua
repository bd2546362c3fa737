-- An open ticket is over without a visit. The one that follows it is from now on known by what it was known by, too.
--
-- ARGV      ticket, reason, desk, followed_by
-- Event     cancelled
-- Refusals  not_found, ticket_closed, wrong_desk

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.closed_at then return wrong(ticket) end
if arg.desk and at_wrong_desk(ticket) then return refuse('wrong_desk') end

if arg.followed_by then
  local follower = load_ticket(arg.followed_by)
  if not follower then return refuse('not_found') end
  follower.known_as = ticket.known_as or ticket.serial
  redis.call('HSET', serials, 'as:' .. follower.known_as, follower.id)
  save_ticket(follower, follower.last)
end
close(ticket, 'cancelled', arg.reason)
return done('cancelled', ticket, save_ticket(ticket), {reason = arg.reason})
