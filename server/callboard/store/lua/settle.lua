-- Who holds the lease says how it stands: kept with a new body until a new moment, perhaps in another lane, or over and
-- on the record. The record of somebody who has been erased meanwhile goes in without what is theirs. One that is about
-- to leave has its word to itself until it is settled again, or for a while.
--
-- KEYS      due list, the due list it is kept on, work, leases, seen, records, lines, leaving, the location's people
-- ARGV      id, lease, apart (its word); due and body (kept); leaves (until when it may be on its way), at (when no
--           other one with its word may be); record, bare, ticket, most, before (over, or in another lane); again, line, at (over)
-- Answers   1; 0 when the lease is somebody else's, 2 when another one with its word is leaving

local due, onto, work, leases, seen, records, lines, leaving, people = unpack(KEYS)
local arg = cjson.decode(ARGV[1])

if tonumber(redis.call('HGET', leases, arg.id)) ~= arg.lease then return 0 end

if arg.apart then
  local id, till = string.match(redis.call('HGET', leaving, arg.apart) or '', '^(.*) (%d+)$')
  if arg.leaves then
    if id and id ~= arg.id and tonumber(till) > arg.at then return 2 end
    redis.call('HSET', leaving, arg.apart, string.format('%s %.0f', arg.id, arg.leaves))
    redis.call('PEXPIRE', leaving, 120000) -- of one that nobody settles
  elseif id == arg.id then
    redis.call('HDEL', leaving, arg.apart)
  end
end

local function put_on_record()
  local known = not arg.ticket or redis.call('HEXISTS', people, arg.ticket) == 1
  redis.call('LPUSH', records, known and arg.record or arg.bare)
  redis.call('LTRIM', records, 0, arg.most - 1)
  while cjson.decode(redis.call('LINDEX', records, -1)).at < arg.before do redis.call('RPOP', records) end
end

if arg.body then
  redis.call('HSET', work, arg.id, arg.body)
  redis.call('ZREM', due, arg.id)
  redis.call('ZADD', onto, arg.due, arg.id)
  if arg.record then -- once, should this be asked again
    redis.call('HINCRBY', leases, arg.id, 1)
    put_on_record()
  end
  return 1
end

redis.call('ZREM', due, arg.id)
redis.call('HDEL', work, arg.id)
redis.call('HDEL', leases, arg.id)
if arg.line then -- the next one's turn
  local line = cjson.decode(redis.call('HGET', lines, arg.line) or '[]')
  for spot, one in ipairs(line) do
    if one[2] == arg.id then
      table.remove(line, spot)
      if spot == 1 and line[1] then redis.call('ZADD', due, arg.at, line[1][2]) end
      break
    end
  end
  if line[1] then
    redis.call('HSET', lines, arg.line, cjson.encode(line))
  else
    redis.call('HDEL', lines, arg.line)
  end
end
if arg.again then redis.call('ZREM', seen, arg.id) end
put_on_record()
return 1
