-- A picture, where everybody stands who waits in some lines, and which tickets have changed since an event. Runs behind
-- prelude.lua and picture.lua, and changes nothing.
--
-- ARGV      what picture takes, location, queues (whose lines are told), since (the newest event when this was asked last),
--           most (so many events are looked at)
-- Answers   the picture; the newest event, if there is any; the ids of those who wait, a text for each line; ids and
--           records of the tickets that changed, or none at all when that cannot be told

-- Events say which tickets they changed, but for two. The one that was the newest must still be there: else the stream
-- has been cut behind it, or is that of a store that never had it.
local function changed()
  local found = redis.call('XRANGE', events, arg.since, '+', 'COUNT', arg.most + 1)
  if #found > arg.most or not found[1] or found[1][1] ~= arg.since then return false end
  local ids, seen = {}, {}
  local function add(id)
    if id and not seen[id] then ids[#ids + 1], seen[id] = id, true end
  end
  for i = 2, #found do
    local event, flat = {}, found[i][2]
    for j = 1, #flat, 2 do event[flat[j]] = flat[j + 1] end
    if event.location == arg.location then
      if event.kind == 'reset' or event.kind == 'undone' then return false end
      add(event.ticket)
      add(event.finished)
    end
  end
  return ids
end

local ids = changed()
local records = {}
for i, id in ipairs(ids or {}) do records[i] = redis.call('HGET', tickets, id) end

local wanted, places = {}, {}
for _, queue in ipairs(arg.queues) do wanted[queue] = true end
for _, raw in ipairs(records) do if raw then wanted[cjson.decode(raw).queue] = true end end
for _, queue in ipairs(lines) do
  if wanted[queue] then places[#places + 1] = table.concat(redis.call('ZRANGE', waiting[queue], 0, -1), ' ') end
end

local newest = redis.call('XREVRANGE', events, '+', '-', 'COUNT', 1)[1]
return {picture(arg), newest and newest[1] or false, places, ids and {ids, records} or false}
