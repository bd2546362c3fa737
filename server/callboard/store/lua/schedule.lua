-- Deliveries are put on their due lists, each once for its id; barred ids are never put there any more, and what is
-- on its way finds its bar. One that is new bars what it makes superfluous, also behind it in the same list. Repeating
-- it changes nothing.
--
-- KEYS      work, seen, lines, then the due list of each lane
-- ARGV      at, keep_ms, deliveries (id, lane, body, at, after, quiet, quiet_ms, line, place, bars), bar (ids); a
--           lane is its place in KEYS
-- Answers   how many are new

local work, seen, lines = KEYS[1], KEYS[2], KEYS[3]
local arg = cjson.decode(ARGV[1])

local function bar(id) redis.call('ZADD', seen, 'NX', arg.at, id, arg.at, 'barred:' .. id) end

for _, id in ipairs(arg.bar) do bar(id) end

-- Too soon after another one with the same word, by the moments of their events.
local function too_soon(delivery)
  local last = delivery.quiet_ms > 0 and redis.call('ZSCORE', seen, delivery.quiet)
  return last and delivery.at - tonumber(last) < delivery.quiet_ms
end

-- What it follows has not been scheduled yet: it may not overtake it.
local function too_early(delivery)
  return delivery.after ~= '' and not redis.call('ZSCORE', seen, delivery.after)
end

-- Only the first of a line is due; whoever comes late stands by its place, but never before the first.
local function is_first(delivery)
  if delivery.line == '' then return true end
  local line = cjson.decode(redis.call('HGET', lines, delivery.line) or '[]')
  local spot = #line + 1
  while spot > 2 and line[spot - 1][1] > delivery.place do spot = spot - 1 end
  table.insert(line, spot, {delivery.place, delivery.id})
  redis.call('HSET', lines, delivery.line, cjson.encode(line))
  return spot == 1
end

local new = 0
for _, delivery in ipairs(arg.deliveries) do
  local may = not too_soon(delivery) and not too_early(delivery)
  if may and redis.call('ZADD', seen, 'NX', delivery.at, delivery.id) == 1 then
    if delivery.quiet ~= '' then redis.call('ZADD', seen, 'GT', delivery.at, delivery.quiet) end
    if delivery.bars ~= '' then bar(delivery.bars) end
    redis.call('HSET', work, delivery.id, delivery.body)
    if is_first(delivery) then redis.call('ZADD', KEYS[3 + delivery.lane], delivery.at, delivery.id) end
    new = new + 1
  end
end
redis.call('ZREMRANGEBYSCORE', seen, '-inf', string.format('(%.0f', arg.at - arg.keep_ms))
return new
