-- A queue takes people again.
--
-- ARGV      queue
-- Event     queue_opened
-- Refusals  none

redis.call('HDEL', queues, arg.queue)
return {event = emit('queue_opened', {queue = arg.queue})}
