-- Takes what is due for a while: whoever does not settle it in time has lost it to the next who asks.
--
-- KEYS      due list, work, leases
-- ARGV      at, lease_ms, count
-- Answers   taken (id, number of the lease, body), and the moment at which something is due next, or an empty text

local due, work, leases = KEYS[1], KEYS[2], KEYS[3]
local arg = cjson.decode(ARGV[1])

local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', due, '-inf', arg.at, 'LIMIT', 0, arg.count)) do
  local body = redis.call('HGET', work, id)
  if body then
    redis.call('ZADD', due, arg.at + arg.lease_ms, id)
    taken[#taken + 1] = {id, redis.call('HINCRBY', leases, id, 1), body}
  else
    redis.call('ZREM', due, id)
  end
end
return {taken, redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2] or ''}
