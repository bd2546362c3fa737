-- Records keep what happened and lose who it happened to; those that are too old go.
--
-- KEYS      records, newest first
-- ARGV      ticket (may be left out), before
-- Answers   1

local records = KEYS[1]
local arg = cjson.decode(ARGV[1])

while true do
  local oldest = redis.call('LINDEX', records, -1)
  if not oldest or cjson.decode(oldest).at >= arg.before then break end
  redis.call('RPOP', records)
end

for place, text in ipairs(arg.ticket and redis.call('LRANGE', records, 0, -1) or {}) do
  local record = cjson.decode(text)
  if record.ticket == arg.ticket then
    record.recipient, record.subject, record.text = '', '', ''
    redis.call('LSET', records, place - 1, cjson.encode(record))
  end
end
return 1
