#!lua name=throughline
--
-- The contact gate. One string key a customer, thl:{<customer id, 32 hex>}, and one an address somebody opted in or out
-- with, thl:a:{<channel>:<hash>}. Every function takes exactly one key, so all of it runs on Redis Cluster.
--
-- The laws these functions keep:
--   answers      a customer is answered for only when both ledgers have been heard (permissions, and contacts back to
--                the policy's horizon); anything else is "unknown", and unknown is never "allowed".
--   windows      a contact at s counts for every now in [s, s + w); a cap is checked and the contact counted in one call.
--   idempotence  a message is counted once, however often it is reserved; settle and refund can be repeated.
--   refund       takes back only what was not settled. It leaves a mark, so that a merge that is run again does not
--                count it again; a settle that comes after it is an overrun and puts the contact back.
--   under way    a contact is under way from the moment it was reserved, for the first time or again, until it is settled
--                or refunded. Whoever writes an opt-out or a silence is told how long what is under way may still take.
--   consent      of two words on the same channel and topic the later holds; opting out wins a tie.
--   silence      never gets shorter.
--   split        the customer that is split off has a copy of every contact, consent and silence until its own
--                permissions take the place of the copied ones, which only the ledger can say.
--   merge        the survivor has every contact of both, the most restrictive consent, the longest silence; between
--                freeze and alias the merged customer is unknown, so that no instant is looser than before the merge.
--
-- Time: milliseconds. An empty `now` argument means this server's clock, the one clock of production.
--
-- A customer's string, big-endian:
--   live    'C' flags:1 since:6 lease:6 zone length:1 consents:2 silences:2, zone,
--           consents  (channel | 16 if opted out):1 topic:6 at:6
--           silences  journey:6 until:6
--           contacts  message:6 at:6 (channel | mark):1 journey:6
--           mark      0 reserved, 16 settled, 32 settled and reserved again, 48 refunded
--   frozen  'F' survivor:16, the live string it was
--   alias   'A' survivor:16 flags:1 since:6
-- flags: 1 when permissions have been hydrated. since: contacts are complete from this instant on. lease: until when the
-- last of what is under way may take. Messages, topics and journeys are 48 bits, which a Lua number holds exactly; zero for none.

-- While a library is loaded the libraries it uses are out of reach; they are taken at the first call.
local struct_pack, struct_unpack, sub, rep, byte, floor
local function bind()
  struct_pack, struct_unpack = struct.pack, struct.unpack
  sub, rep, byte, floor = string.sub, string.rep, string.byte, math.floor
end

local LIVE, FROZEN, ALIAS = 67, 70, 65
local HEADER, HEADER_SIZE = '>BBI6I6BI2I2', 19
local CONSENT, CONSENT_SIZE = 'BI6I6', 13
local SILENCE, SILENCE_SIZE = 'I6I6', 12
local CONTACT, CONTACT_SIZE = 'I6I6BI6', 19
local NEVER = 281474976710655
local NONE = 0
local OUT, SETTLED, AGAIN, REFUNDED = 16, 16, 32, 48

-- First element of every reply.
local UNKNOWN, OK, MOVED, ZONE = 0, 1, 2, 3
local NO_CONSENT, OPTED_OUT, SILENCED, QUIET, LIMIT = 4, 5, 6, 7, 8

local function clock(now)
  if now ~= '' then
    return tonumber(now)
  end
  local time = redis.call('TIME')
  return time[1] * 1000 + floor(time[2] / 1000)
end

-- Formats and rules are worked out once and remembered: both are pure functions of what they are asked for with.
--
-- A decision reads a contact's time and marks as one number, time * 256 + marks, which is exact until the year 3000, and
-- its journey only where a cap asks for it: what is not read costs nothing, and reading is most of what a decision costs.
local formats, formats_held = {}, 0
local function body_format(consents, silences, contacts, journeys)
  local shape = ((consents * 65536 + silences) * 65536 + contacts) * 2 + (journeys and 1 or 0)
  local format = formats[shape]
  if not format then
    if formats_held >= 512 then
      formats, formats_held = {}, 0
    end
    format = '>' .. rep(CONSENT, consents) .. rep(SILENCE, silences)
      .. rep(journeys and 'I6I7I6' or 'I6I7xxxxxx', contacts)
    formats[shape], formats_held = format, formats_held + 1
  end
  return format
end

local CHANNEL_SCOPE, JOURNEY_SCOPE = 1, 2
local rules_by_text, rules_held = {}, 0
local function rules_of(text)
  local rules = rules_by_text[text]
  if rules then
    return rules
  end
  if rules_held >= 256 then
    rules_by_text, rules_held = {}, 0
  end
  local flags, horizon, keep, lease, ttl, count, at = struct_unpack('>BI6I6I4I6B', text)
  rules = {
    heeds_opt_out = flags % 2 == 1,
    needs_opt_in = floor(flags / 2) % 2 == 1,
    heeds_silence = floor(flags / 4) % 2 == 1,
    horizon = horizon, keep = keep, lease = lease, ttl = string.format('%.0f', ttl), count = count,
    scope = {}, max = {}, window = {}
  }
  for i = 1, count do
    rules.scope[i], rules.max[i], rules.window[i], at = struct_unpack('>BI4I6', text, at)
    rules.journeys = rules.journeys or rules.scope[i] == JOURNEY_SCOPE
  end
  rules_by_text[text], rules_held = rules, rules_held + 1
  return rules
end

-- When enough of the contacts that fill a window will have left it; 0 where none ever will have.
local function opens_at(ats, max, window)
  if max == 0 then
    return 0
  end
  table.sort(ats)
  return ats[#ats - max + 1] + window
end

-- args: now, request (channel:1 message:6 topic:6 journey:6), rules, quiet hours (from until from until, zone; or '').
local function decide(key, args, take)
  local now = clock(args[1])
  local text = redis.call('GET', key)
  if not text then
    return {UNKNOWN}
  end
  local tag, flags, since, lease, zone_length, consents, silences
  tag = byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  elseif tag == FROZEN then
    return {UNKNOWN}
  end
  tag, flags, since, lease, zone_length, consents, silences = struct_unpack(HEADER, text)
  local rules = rules_of(args[3])
  if flags == 0 or since > now - rules.horizon + 1 then
    return {UNKNOWN}
  end
  local channel, message, topic, journey = struct_unpack('>BI6I6I6', args[2])
  local body = HEADER_SIZE + 1 + zone_length
  local contacts_from = body + consents * CONSENT_SIZE + silences * SILENCE_SIZE
  local contacts = (#text - contacts_from + 1) / CONTACT_SIZE
  local v = {struct_unpack(body_format(consents, silences, contacts, rules.journeys), text, body)}

  if rules.heeds_opt_out then
    local opted_in = false
    for p = 1, consents * 3, 3 do
      local about = v[p + 1]
      if v[p] % 16 == channel and (about == NONE or about == topic) then
        if v[p] >= OUT then
          return {OPTED_OUT}
        end
        opted_in = true
      end
    end
    if rules.needs_opt_in and not opted_in then
      return {NO_CONSENT}
    end
  end

  if rules.heeds_silence and silences > 0 then
    local silent_until = 0
    local first = consents * 3 + 1
    for p = first, first + silences * 2 - 1, 2 do
      if (v[p] == NONE or v[p] == journey) and v[p + 1] > silent_until then
        silent_until = v[p + 1]
      end
    end
    if silent_until > now then
      return {SILENCED, silent_until}
    end
  end

  local quiet = args[4]
  if quiet ~= '' then
    local zone = sub(text, HEADER_SIZE + 1, HEADER_SIZE + zone_length)
    if sub(quiet, 25) ~= zone then
      return {ZONE, zone}
    end
    local from, till, next_from, next_till = struct_unpack('>I6I6I6I6', quiet)
    if from <= now and now < till then
      return {QUIET, till}
    elseif next_from <= now and now < next_till then
      return {QUIET, next_till}
    end
  end

  local stride = rules.journeys and 3 or 2
  local first = consents * 3 + silences * 2 + 1
  local last = first + contacts * stride - 1
  local count, scope, window = rules.count, rules.scope, rules.window
  -- From here on times carry their marks: `at >= (t + 1) * 256` says later than t.
  local kept, stale, own = (now - rules.keep + 1) * 256, false, nil
  local reply, opened = {OK, 1}, {}
  for i = 1, count do
    reply[i + 2], opened[i] = 0, (now - window[i] + 1) * 256
  end
  for p = first, last, stride do
    local at = v[p + 1]
    local marks = at % 256
    local on_channel = marks % 16 == channel
    if at < kept then
      stale = true
    end
    if on_channel and v[p] == message then
      own = p
    elseif marks < REFUNDED then
      for i = 1, count do
        if at >= opened[i] then
          local counts = scope[i]
          if counts == 0 or (counts == CHANNEL_SCOPE and on_channel)
              or (counts == JOURNEY_SCOPE and v[p + 2] == journey) then
            reply[i + 2] = reply[i + 2] + 1
          end
        end
      end
    end
  end
  for i = 1, count do
    if reply[i + 2] >= rules.max[i] then
      local ats = {}
      for p = first, last, stride do
        local at = v[p + 1]
        local marks = at % 256
        if p ~= own and at >= opened[i] and marks < REFUNDED
            and (scope[i] == 0 or (scope[i] == CHANNEL_SCOPE and marks % 16 == channel)
                or (scope[i] == JOURNEY_SCOPE and v[p + 2] == journey)) then
          ats[#ats + 1] = (at - marks) / 256
        end
      end
      reply[1], reply[2] = LIMIT, opens_at(ats, rules.max[i], window[i])
      for later = i + 1, count do
        reply[later + 2] = nil
      end
      return reply
    end
  end
  if not take then
    return reply
  end

  if now + rules.lease > lease then
    lease = now + rules.lease
  end
  local head = sub(text, HEADER_SIZE + 1, contacts_from - 1)
  local tail
  if not own and not stale then
    tail = sub(text, contacts_from) .. struct_pack('>' .. CONTACT, message, now, channel, journey)
  else
    local parts = {}
    for p = first, last, stride do
      if p ~= own and v[p + 1] >= kept then
        local at = contacts_from + (p - first) / stride * CONTACT_SIZE
        parts[#parts + 1] = sub(text, at, at + CONTACT_SIZE - 1)
      end
    end
    local at, marks = now, channel
    if own then
      local before = v[own + 1] % 256
      local was = (v[own + 1] - before) / 256
      if before >= REFUNDED then
        -- Strictly later than what was refunded, so that a join can tell the two apart.
        at = math.max(now, was + 1)
      else
        at, reply[2] = math.max(now, was), 0
        marks = before < SETTLED and channel or channel + AGAIN
      end
    end
    parts[#parts + 1] = struct_pack('>' .. CONTACT, message, at, marks, journey)
    tail = table.concat(parts)
    if stale then
      since = math.max(since, kept / 256)
    end
  end
  redis.call('SET', key,
    struct_pack(HEADER, LIVE, flags, since, lease, zone_length, consents, silences) .. head .. tail,
    'PX', rules.ttl)
  return reply
end

-- Everything below is off the hot path and works on a decoded customer.

local function empty()
  return {flags = 0, since = NEVER, lease = 0, zone = '', consents = {}, silences = {}, contacts = {}}
end

local function decode(text)
  local _, flags, since, lease, zone_length, consents, silences, at = struct_unpack(HEADER, text)
  local state = {
    flags = flags, since = since, lease = lease, zone = sub(text, at, at + zone_length - 1),
    consents = {}, silences = {}, contacts = {}
  }
  at = at + zone_length
  for i = 1, consents do
    local marks, topic, when
    marks, topic, when, at = struct_unpack('>' .. CONSENT, text, at)
    state.consents[i] = {channel = marks % 16, out = marks >= OUT, topic = topic, at = when}
  end
  for i = 1, silences do
    local journey, till
    journey, till, at = struct_unpack('>' .. SILENCE, text, at)
    state.silences[i] = {journey = journey, till = till}
  end
  while at <= #text do
    local message, when, marks, journey
    message, when, marks, journey, at = struct_unpack('>' .. CONTACT, text, at)
    state.contacts[#state.contacts + 1] = {
      message = message, at = when, channel = marks % 16, mark = marks - marks % 16, journey = journey
    }
  end
  return state
end

local function encode(state)
  local parts = {
    struct_pack(HEADER, LIVE, state.flags, state.since, state.lease, #state.zone, #state.consents, #state.silences),
    state.zone
  }
  for _, c in ipairs(state.consents) do
    parts[#parts + 1] = struct_pack('>' .. CONSENT, c.channel + (c.out and OUT or 0), c.topic, c.at)
  end
  for _, s in ipairs(state.silences) do
    parts[#parts + 1] = struct_pack('>' .. SILENCE, s.journey, s.till)
  end
  for _, c in ipairs(state.contacts) do
    parts[#parts + 1] = struct_pack('>' .. CONTACT, c.message, c.at, c.channel + c.mark, c.journey)
  end
  return table.concat(parts)
end

local function store(key, text, ttl)
  redis.call('SET', key, text, 'PX', ttl)
end

-- Applies an edit to the customer under the key. A frozen customer is edited too, and the caller is told to repeat the
-- edit at the survivor: whichever of the two the merge reads last, nothing is lost. What the edit said here is told beside.
local function edit(key, ttl, change)
  local text = redis.call('GET', key)
  local tag = text and byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  end
  local state = text and decode(tag == FROZEN and sub(text, 18) or text) or empty()
  local reply = change(state, text ~= false)
  if reply.changed ~= false then
    store(key, (tag == FROZEN and sub(text, 1, 17) or '') .. encode(state), ttl)
  end
  if tag == FROZEN then
    return {MOVED, sub(text, 2, 17), reply.value}
  end
  return {OK, reply.value}
end

local function join_consent(consents, new)
  for _, held in ipairs(consents) do
    if held.channel == new.channel and held.topic == new.topic then
      if new.at > held.at or (new.at == held.at and new.out) then
        held.out, held.at = new.out, new.at
      end
      return
    end
  end
  consents[#consents + 1] = new
end

local function restrict_consent(consents, other)
  for _, held in ipairs(consents) do
    if held.channel == other.channel and held.topic == other.topic then
      held.out, held.at = held.out or other.out, math.max(held.at, other.at)
      return
    end
  end
  consents[#consents + 1] = other
end

local function join_silence(silences, new)
  for _, held in ipairs(silences) do
    if held.journey == new.journey then
      held.till = math.max(held.till, new.till)
      return
    end
  end
  silences[#silences + 1] = new
end

local function settled_once(contact)
  return contact.mark == SETTLED or contact.mark == AGAIN
end

local function under_way(contact)
  return contact.mark == 0 or contact.mark == AGAIN
end

-- Of two settled ones the later says whether it is under way again; at the same instant only what was reserved again is,
-- since settling follows the reservation it settles.
local function settled_mark(a, b)
  if a.at == b.at then
    return (a.mark == AGAIN or b.mark == AGAIN) and AGAIN or SETTLED
  end
  return under_way(a.at > b.at and a or b) and AGAIN or SETTLED
end

-- Settled wins; else the later; else, at the same instant, the refund, which can only have followed.
local function join_contact(contacts, new)
  for _, held in ipairs(contacts) do
    if held.message == new.message and held.channel == new.channel then
      if settled_once(held) or settled_once(new) then
        held.mark = settled_mark(held, new)
        held.at = math.max(held.at, new.at)
      elseif new.at > held.at or (new.at == held.at and new.mark > held.mark) then
        held.at, held.mark, held.journey = new.at, new.mark, new.journey
      end
      return
    end
  end
  contacts[#contacts + 1] = new
end

local function each_consent(text, apply)
  for at = 1, #text, CONSENT_SIZE do
    local marks, topic, when = struct_unpack('>' .. CONSENT, text, at)
    apply({channel = marks % 16, out = marks >= OUT, topic = topic, at = when})
  end
end

local function each_silence(text, apply)
  for at = 1, #text, SILENCE_SIZE do
    local journey, till = struct_unpack('>' .. SILENCE, text, at)
    apply({journey = journey, till = till})
  end
end

-- How long what is under way on a channel, or on any where none is named, may still take. Whoever acknowledges an opt-out
-- or a conversion waits until it is over: that is what turns "denied from now on" into "nothing is handed over from now on".
local function time_left(state, now, channel)
  if state.lease <= now then
    return 0
  end
  for _, c in ipairs(state.contacts) do
    if under_way(c) and (not channel or c.channel == channel) then
      return state.lease - now
    end
  end
  return 0
end

local function reserve(keys, args)
  return decide(keys[1], args, true)
end

local function peek(keys, args)
  return decide(keys[1], args, false)
end

-- args: ttl, message. Answers 0 where there is nothing to settle, 2 for an overrun.
local function settle(keys, args)
  local message = struct_unpack('>I6', args[2])
  return edit(keys[1], args[1], function(state)
    local refunded, found = nil, 0
    for _, c in ipairs(state.contacts) do
      if c.message == message then
        if c.mark ~= REFUNDED then
          c.mark, found = SETTLED, 1
        elseif not refunded or c.at >= refunded.at then
          refunded = c
        end
      end
    end
    if found == 0 and refunded then
      refunded.mark, found = SETTLED, 2
    end
    return {value = found, changed = found > 0}
  end)
end

-- args: ttl, message. Answers how many contacts stopped counting. One that was settled before only ceases to be under way.
local function refund(keys, args)
  local message = struct_unpack('>I6', args[2])
  return edit(keys[1], args[1], function(state)
    local taken, changed = 0, false
    for _, c in ipairs(state.contacts) do
      if c.message == message and c.mark == 0 then
        c.mark, taken, changed = REFUNDED, taken + 1, true
      elseif c.message == message and c.mark == AGAIN then
        c.mark, changed = SETTLED, true
      end
    end
    return {value = taken, changed = changed}
  end)
end

-- args: now, ttl, consents. Answers how many milliseconds what is under way on the channels opted out of may still take.
local function consent(keys, args)
  local now = clock(args[1])
  return edit(keys[1], args[2], function(state)
    local left = 0
    each_consent(args[3], function(c)
      join_consent(state.consents, c)
      if c.out then
        left = math.max(left, time_left(state, now, c.channel))
      end
    end)
    return {value = left}
  end)
end

-- args: now, ttl, silences. Answers how many milliseconds what is under way may still take.
local function silence(keys, args)
  local now = clock(args[1])
  return edit(keys[1], args[2], function(state)
    local running = {}
    for _, s in ipairs(state.silences) do
      if s.till > now then
        running[#running + 1] = s
      end
    end
    state.silences = running
    each_silence(args[3], function(s) join_silence(state.silences, s) end)
    return {value = time_left(state, now)}
  end)
end

-- args: ttl, zone.
local function zone(keys, args)
  return edit(keys[1], args[1], function(state)
    state.zone = args[2]
    return {value = 0}
  end)
end

-- args: ttl, zone or '', consents, silences, '1' where these are all the permissions of this very customer, '2' where
-- they also take the place of what is there, as after a customer was split.
local function permissions(keys, args)
  return edit(keys[1], args[1], function(state)
    if args[5] == '2' then
      state.zone, state.consents, state.silences = '', {}, {}
    end
    if state.zone == '' then
      state.zone = args[2]
    end
    each_consent(args[3], function(c) join_consent(state.consents, c) end)
    each_silence(args[4], function(s) join_silence(state.silences, s) end)
    if args[5] ~= '0' then
      state.flags = 1
    end
    return {value = 0}
  end)
end

-- args: ttl, the instant from which on the list is complete, contacts. The instant of one that is under way is when it will
-- be over at the latest.
local function contacts(keys, args)
  return edit(keys[1], args[1], function(state)
    for at = 1, #args[3], CONTACT_SIZE do
      local message, when, marks, journey = struct_unpack('>' .. CONTACT, args[3], at)
      join_contact(state.contacts,
        {message = message, at = when, channel = marks % 16, mark = marks - marks % 16, journey = journey})
      if marks < SETTLED then
        state.lease = math.max(state.lease, when)
      end
    end
    state.since = math.min(state.since, tonumber(args[2]))
    return {value = 0}
  end)
end

-- First step of a merge. args: ttl, survivor. From here on the merged customer is unknown. Answers where it leads
-- already, or now, and what it was.
local function freeze(keys, args)
  local text = redis.call('GET', keys[1])
  local tag = text and byte(text)
  if tag == FROZEN then
    return {OK, sub(text, 2, 17), sub(text, 18)}
  elseif tag == ALIAS then
    local was = empty()
    was.flags, was.since = struct_unpack('>BI6', text, 18)
    return {OK, sub(text, 2, 17), encode(was)}
  end
  local state = text or encode(empty())
  store(keys[1], struct_pack('>Bc16', FROZEN, args[2]) .. state, args[1])
  return {OK, args[2], state}
end

-- Second step, at the survivor. args: ttl, what freeze answered.
local function absorb(keys, args)
  local text = redis.call('GET', keys[1])
  local tag = text and byte(text)
  if tag == ALIAS or tag == FROZEN then
    return {MOVED, sub(text, 2, 17)}
  end
  local state, other = text and decode(text) or empty(), decode(args[2])
  state.flags = math.min(state.flags, other.flags)
  state.since = math.max(state.since, other.since)
  state.lease = math.max(state.lease, other.lease)
  if state.zone == '' then
    state.zone = other.zone
  end
  for _, c in ipairs(other.consents) do restrict_consent(state.consents, c) end
  for _, s in ipairs(other.silences) do join_silence(state.silences, s) end
  for _, c in ipairs(other.contacts) do join_contact(state.contacts, c) end
  store(keys[1], encode(state), args[1])
  return {OK, 0}
end

-- Last step, at the merged customer. args: ttl, what was absorbed. Where something was written in between, answers
-- what it is now, to be absorbed again.
local function alias(keys, args)
  local text = redis.call('GET', keys[1])
  if text and byte(text) == FROZEN then
    local state = sub(text, 18)
    if state ~= args[2] then
      return {OK, state}
    end
    local was = decode(state)
    store(keys[1], struct_pack('>Bc16BI6', ALIAS, sub(text, 2, 17), was.flags, was.since), args[1])
  end
  return {OK, ''}
end

-- What a customer is made of, for another to absorb a copy; nothing changes here.
local function copy(keys)
  local text = redis.call('GET', keys[1])
  local tag = text and byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  elseif tag == FROZEN then
    return {OK, sub(text, 18)}
  end
  return {OK, text or encode(empty())}
end

-- args: now, channel:1 or ''. Answers how many milliseconds what is under way may still take.
local function running(keys, args)
  local text = redis.call('GET', keys[1])
  if not text then
    return {OK, 0}
  end
  local tag = byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  end
  local frozen = tag == FROZEN
  local left = time_left(decode(frozen and sub(text, 18) or text), clock(args[1]), byte(args[2]))
  if frozen then
    return {MOVED, sub(text, 2, 17), left}
  end
  return {OK, left}
end

-- Whether both ledgers have been heard, or where the customer went.
local function known(keys)
  local text = redis.call('GET', keys[1])
  if not text then
    return {OK, 0}
  end
  local tag = byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  elseif tag == FROZEN then
    return {OK, 0}
  end
  local _, flags, since = struct_unpack(HEADER, text)
  return {OK, (flags == 1 and since < NEVER) and 1 or 0}
end

-- Where a customer leads: itself unless it was merged, finished or not.
local function leads(keys)
  local text = redis.call('GET', keys[1])
  if text and byte(text) ~= LIVE then
    return {MOVED, sub(text, 2, 17), byte(text) == FROZEN and 1 or 0}
  end
  return {OK, 0}
end

-- An address holds consents as a customer does; the client reads them with a plain GET. args: ttl, consents. An opt-in is kept only where it ends a stop, and
-- only as long as a late stop from before it may still arrive; a stop is kept for good.
local function address(keys, args)
  local text = redis.call('GET', keys[1])
  local held = {}
  each_consent(text or '', function(c) held[#held + 1] = c end)
  each_consent(args[2], function(new)
    for _, c in ipairs(held) do
      if c.topic == new.topic then
        return join_consent(held, new)
      end
    end
    if new.out then
      held[#held + 1] = new
    end
  end)
  if #held == 0 then
    return {OK, 0}
  end
  local parts, any_out = {}, false
  for i, c in ipairs(held) do
    parts[i] = struct_pack('>' .. CONSENT, c.channel + (c.out and OUT or 0), c.topic, c.at)
    any_out = any_out or c.out
  end
  if any_out then
    redis.call('SET', keys[1], table.concat(parts))
  else
    store(keys[1], table.concat(parts), args[1])
  end
  return {OK, 0}
end

local function bound(callback)
  return function(keys, args)
    if not struct_unpack then
      bind()
    end
    return callback(keys, args)
  end
end

local function writes(name, callback)
  redis.register_function(name, bound(callback))
end

local function reads(name, callback)
  redis.register_function{function_name = name, callback = bound(callback), flags = {'no-writes'}}
end

writes('thl_reserve', reserve)
reads('thl_peek', peek)
writes('thl_settle', settle)
writes('thl_refund', refund)
writes('thl_consent', consent)
writes('thl_silence', silence)
writes('thl_zone', zone)
writes('thl_permissions', permissions)
writes('thl_contacts', contacts)
writes('thl_freeze', freeze)
writes('thl_absorb', absorb)
writes('thl_alias', alias)
reads('thl_copy', copy)
reads('thl_running', running)
reads('thl_known', known)
reads('thl_leads', leads)
writes('thl_address', address)
