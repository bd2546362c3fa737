-- A desk stops serving.
--
-- ARGV      desk
-- Event     desk_closed
-- Refusals  desk_closed, desk_busy

local desk = load_desk(arg.desk)
if not desk.open then return refuse('desk_closed') end
if desk.ticket then return refuse('desk_busy') end

desk.open, desk.staff, desk.since = false, '', nil
save_desk(arg.desk, desk)
redis.call('HDEL', undo, arg.desk)
return {event = emit('desk_closed', {desk = arg.desk})}
