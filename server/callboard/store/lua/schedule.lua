-- Deliveries are put on their due lists, each once for its id; barred ids are never put there any more, and what is
-- on its way finds its bar. Repeating it changes nothing.
--
-- KEYS      work, seen, then the due list of each lane
-- ARGV      at, keep_ms, deliveries (id, lane, body, at, after, quiet, quiet_ms), bar (ids); a lane is its place in KEYS
-- Answers   how many are new

local work, seen = KEYS[1], KEYS[2]
local arg = cjson.decode(ARGV[1])

for _, id in ipairs(arg.bar) do
  redis.call('ZADD', seen, 'NX', arg.at, id, arg.at, 'barred:' .. id)
end

-- Too soon after another one with the same word, by the moments of their events.
local function too_soon(delivery)
  local last = delivery.quiet_ms > 0 and redis.call('ZSCORE', seen, delivery.quiet)
  return last and delivery.at - tonumber(last) < delivery.quiet_ms
end

-- What it follows has not been scheduled yet: it may not overtake it.
local function too_early(delivery)
  return delivery.after ~= '' and not redis.call('ZSCORE', seen, delivery.after)
end

local new = 0
for _, delivery in ipairs(arg.deliveries) do
  local may = not too_soon(delivery) and not too_early(delivery)
  if may and redis.call('ZADD', seen, 'NX', delivery.at, delivery.id) == 1 then
    if delivery.quiet ~= '' then redis.call('ZADD', seen, 'GT', delivery.at, delivery.quiet) end
    redis.call('HSET', work, delivery.id, delivery.body)
    redis.call('ZADD', KEYS[2 + delivery.lane], delivery.at, delivery.id)
    new = new + 1
  end
end
redis.call('ZREMRANGEBYSCORE', seen, '-inf', string.format('(%.0f', arg.at - arg.keep_ms))
return new
