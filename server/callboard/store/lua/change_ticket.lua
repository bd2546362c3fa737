-- How many people come, or the language they read, changes.
--
-- ARGV      ticket, party, locale
-- Event     ticket_changed
-- Refusals  not_found, ticket_closed

local ticket = load_ticket(arg.ticket)
if not ticket then return refuse('not_found') end
if ticket.closed_at then return wrong(ticket) end

ticket.party, ticket.locale = arg.party or ticket.party, arg.locale or ticket.locale
return done('ticket_changed', ticket, save_ticket(ticket))
