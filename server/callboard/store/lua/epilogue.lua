-- Stands behind every script: an idempotency key gives the first answer again, refusals too.

local first = arg.once and redis.call('GET', once)
if first then
  local cut = string.find(first, ' ', 1, true)
  if string.sub(first, 1, cut - 1) ~= arg.once then return cjson.encode({refused = 'key_reused'}) end
  return string.sub(first, cut + 1)
end
local answer = transition()
if answer.again then return cjson.encode(answer) end
local text = cjson.encode(answer)
if arg.once then redis.call('SET', once, arg.once .. ' ' .. text, 'PX', arg.once_ms) end
return text
