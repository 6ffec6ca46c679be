"""What has to happen at once in Redis, as scripts; commands of Redis 7.0 only.

Each adds first and takes away last: a script that fails in the middle (out of memory) is not rolled
back, and so leaves a message twice rather than nowhere.
"""

DEAD_LETTER = """
-- KEYS stream, dead letters; ARGV group, message id, field, value, …
local letter = redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  redis.call('XDEL', KEYS[2], letter)
  return 0
end
return 1
"""
"""A message that somebody else has settled meanwhile gets no second fate."""

POSTPONE = """
-- KEYS stream, retry; ARGV group, message id, due, the message as JSON
local added = redis.call('ZADD', KEYS[2], 'NX', ARGV[3], ARGV[4])
if redis.call('XACK', KEYS[1], ARGV[1], ARGV[2]) == 0 then
  if added == 1 then redis.call('ZREM', KEYS[2], ARGV[4]) end
  return 0
end
return 1
"""
"""Whoever comes second, or sends it again because no answer came, must not take away what waits."""

BRING_BACK = """
-- KEYS retry, stream; ARGV now, how many at most
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(due) do
  redis.call('XADD', KEYS[2], '*', unpack(cjson.decode(member)['fields']))
  redis.call('ZREM', KEYS[1], member)
end
return #due
"""

CLAIM = """
-- KEYS stream; ARGV group, consumer, idle time in ms, id to begin with, how many at most
return redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], 'COUNT', ARGV[5], 'JUSTID')
"""
"""A script because the client's own command keeps back from where to go on."""

HOLD = """
-- KEYS stream; ARGV group, consumer, JUSTID or nothing, id, …
local held, how = 0, {}
if ARGV[3] ~= '' then how[1] = ARGV[3] end
for i = 4, #ARGV do
  local own = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[i], ARGV[i], 1, ARGV[2])
  if #own > 0 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[i], unpack(how))
    held = held + 1
  end
end
return held
"""
"""Claiming one's own messages anew sets their idle time back; but for JUSTID it counts a delivery."""

FORGET_CONSUMERS = """
-- KEYS stream; ARGV group, the consumer that leaves, idle time in ms after which others are gone
local forgotten = 0
for _, told in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local consumer = {}
  for i = 1, #told, 2 do consumer[told[i]] = told[i + 1] end
  local gone = consumer['name'] == ARGV[2] or consumer['idle'] > tonumber(ARGV[3])
  if gone and consumer['pending'] == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer['name'])
    forgotten = forgotten + 1
  end
end
return forgotten
"""
"""A consumer's pending messages go with it, so only those that have none are forgotten."""

REPLAY = """
-- KEYS dead letters, stream; ARGV letter id, field, value, …
if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then
  return 0
end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 2))
redis.call('XDEL', KEYS[1], ARGV[1])
return 1
"""

COUNT_REASONS = """
-- KEYS dead letters; ARGV start, how many at most
local page = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])
local counts, order, last = {}, {}, ''
for _, entry in ipairs(page) do
  local reason = ''
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'reason' then reason = entry[2][i + 1] end
  end
  if counts[reason] == nil then order[#order + 1] = reason end
  counts[reason] = (counts[reason] or 0) + 1
  last = entry[1]
end
local answer = {last, #page}
for _, reason in ipairs(order) do
  answer[#answer + 1] = reason
  answer[#answer + 1] = counts[reason]
end
return answer
"""
"""Letters may be large and many: they are counted where they are."""
