-- A queue takes nobody more; who waits is still served.
--
-- ARGV      queue
-- Event     queue_closed
-- Refusals  queue_closed

if redis.call('HSETNX', queues, arg.queue, at) == 0 then return refuse('queue_closed') end
return {event = emit('queue_closed', {queue = arg.queue})}
