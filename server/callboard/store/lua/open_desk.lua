-- Somebody sits down at a desk; whoever was there is relieved.
--
-- ARGV      desk, staff
-- Event     desk_opened
-- Refusals  none

local desk = load_desk(arg.desk)
desk.open, desk.staff, desk.since = true, arg.staff, at
save_desk(arg.desk, desk)
redis.call('HDEL', undo, arg.desk)
return {event = emit('desk_opened', {desk = arg.desk})}
