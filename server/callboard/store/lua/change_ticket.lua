-- How many people come, the language they read, or how long they take to come, changes; travel_min 0: nobody knows.
--
-- ARGV      ticket, party, locale, travel_min
-- Event     ticket_changed
-- Refusals  not_found, ticket_closed

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.closed_at then return wrong(ticket) end

ticket.party, ticket.locale = arg.party or ticket.party, arg.locale or ticket.locale
if arg.travel_min then ticket.travel_min = arg.travel_min > 0 and arg.travel_min or nil end
return done('ticket_changed', ticket, save_ticket(ticket))
