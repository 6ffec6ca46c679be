"""What has to happen at once in Redis, as scripts; commands of Redis 7.0 only.

Each adds first and takes away last: a script that fails in the middle (out of memory) is not rolled
back, and so leaves a message twice rather than nowhere.
"""

DEAD_LETTER = """
-- KEYS stream, dead letters; ARGV group, message id, field, value, …
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then
  return 0
end
redis.call('XADD', KEYS[2], '*', unpack(ARGV, 3))
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
"""
"""A message that somebody else has settled meanwhile gets no second fate."""

POSTPONE = """
-- KEYS stream, retry; ARGV group, message id, due, the message as JSON
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then
  return 0
end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
"""
"""Who settles second looks first and adds nothing: what it took back could be what the first added."""

BRING_BACK = """
-- KEYS retry, stream; ARGV now, how many at most
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(due) do
  local readable, told = pcall(cjson.decode, member)
  local fields = readable and type(told) == 'table' and told['fields']
  local whole = type(fields) == 'table' and #fields > 0 and #fields % 2 == 0
  for _, field in ipairs(whole and fields or {}) do
    whole = whole and type(field) == 'string'
  end
  redis.call('XADD', KEYS[2], '*', unpack(whole and fields or {'data', member}))
  redis.call('ZREM', KEYS[1], member)
end
return #due
"""
"""What nobody could read would stop all that wait behind it: it goes where broken messages go."""

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

OLDEST_RETRY = """
-- KEYS retry; ARGV first and last rank to look at
local oldest, page = false, redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[2])
for _, member in ipairs(page) do
  local readable, told = pcall(cjson.decode, member)
  local fields = readable and type(told) == 'table' and told['fields']
  for i = 1, type(fields) == 'table' and #fields or 0, 2 do
    local seen = fields[i] == 'first_seen' and tonumber(fields[i + 1])
    if seen and (not oldest or seen < oldest) then oldest = seen end
  end
end
return {#page, string.format('%.0f', oldest or 0)}
"""
"""Who waits longest for a retry is not who is due first: all of them are looked at, where they are."""

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
