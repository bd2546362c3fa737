-- A session and the record of whoever it is of, in one look.
--
-- KEYS      session, records (by the id of the user)
-- ARGV      none
-- Answers   both as they are stored, false for what there is not

local session = redis.call('GET', KEYS[1])
return {session, session and redis.call('HGET', KEYS[2], cjson.decode(session).user)}
