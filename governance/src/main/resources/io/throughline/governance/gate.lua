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
--   take back    what was handed over and did not arrive stops counting though it was settled, or is settled after; it
--                leaves a mark too. Put back, as what arrived after all, it is an overrun.
--   under way    a contact is under way from the moment it was reserved, for the first time or again, until it is settled
--                or refunded. Whoever writes an opt-out or a silence is told how long what is under way may still take.
--   consent      of two words on the same channel and topic the later holds; opting out wins a tie.
--   silence      never gets shorter, but ends where what it is because of is lifted; of one cause the later of the two
--                holds, whichever came first, and a silence wins a tie.
--   split        the customer that is split off has a copy of every contact, consent and silence until its own
--                permissions take the place of the copied ones, which only the ledger can say.
--   merge        the survivor has every contact of both, the most restrictive consent, the longest silence, and may be
--                wherever either may; between freeze and alias the merged customer is unknown, so that no instant is looser than before the merge.
--   engaged      when a customer last engaged only ever gets later, in whatever order it is told; of a merged one it is the
--                later of the two, counted on the contacts of both.
--   fatigue      tightens caps and nothing else: of an instant, by what the customer's own string says, and with the same
--                step that counts. With time alone it only loosens.
--   erase        of an erased customer only that is left: unknown from then on, whatever is written later, so that
--                neither a hydration that was under way nor a merge brings anything back.
--   epoch        what was written in another epoch is not believed. A replica that was behind when it was promoted, or a
--                server that came back from its disk, may lack the last contacts and opt-outs of anybody; both are
--                another replication id than whoever wrote what they hold, and that id is the epoch. A customer of
--                another epoch is unknown until both ledgers have been heard again. What may only restrict stays
--                meanwhile: contacts, opt-outs, silences; opt-ins are the ledger's to say. An alias is followed whatever
--                its epoch: who was merged stays so, and the survivor is asked for an epoch of its own; but a merge that
--                is run again over it makes the survivor unknown, since what was absorbed then may have been lost. Erased
--                stays erased.
--   hearing      contacts that were read in one epoch make nobody known in another: what was counted between the reading
--                and the end of the epoch would be missing.
--   bounded      of more contacts than anybody is sent, within the policy's horizon, the oldest transactional ones are
--                forgotten first: no cap is as large as what is left.
--   too late     what gives something back takes effect before its caller gives it up, or not at all: a refund that was
--                held up must not take back what was reserved since, nor permissions that were held up the opt-out that
--                came after them. Nor do permissions take the place of a consent that came after the ledgers were read.
--   beginnings   what was allowed in the last epoch may be under way without this one knowing. So whoever writes an
--                opt-out or a silence of an unknown customer is told to wait until this epoch is older than patience.
--
-- Time: milliseconds. An absent or empty `now` means this server's clock, the one clock of production.
--
-- A customer's string, big-endian:
--   live    'G' flags:1 epoch:4 since:6 lease:6 expires:6 zone length:1 contacts:2 consents:2 silences:2 engaged:6, zone,
--           contacts  message:6 journey:6 topic:6, oldest first
--           consents  (channel | 16 if opted out):1 topic:6 at:6
--           silences  cause:6 journey:6 until:6 at:6 marks:1
--           marks     1 lifted, 2, 4, 8 covers that category and others that are marked, or all where none is
--           times     at:6 (channel | mark | category):1, of the contacts, in their order
--           mark      0 reserved, 16 settled, 32 settled and reserved again, 48 refunded, 56 taken back
--           category  0 marketing, 64 service, 128 transactional
--           added     message:6 journey:6 topic:6 at:6 (channel | category):1 over within:4, none older than a contact before it; all reserved
--   frozen  'F' survivor:16, the live string it was
--   alias   'A' survivor:16 flags:1 since:6 epoch:4
--   erased  'E' lease:6
-- A customer that was kept in an older form ('C', 'D') is as one that is not there, to be hydrated.
-- zone: whereabouts, as Whereabouts.java writes them: zones, regions and zones of the number, or nothing. Which intervals of
-- quiet hours they come to is for the caller to work out. A text of more than 255 bytes is '*' instead, anywhere.
-- flags: 1 when permissions have been hydrated, 2 when a contact was refunded. since: contacts are complete from this
-- instant on. lease: until when the last of what is under way may take, but for contacts that were added. expires: not
-- before this does the key. engaged: when the customer last engaged; zero for never. Messages, topics and journeys are 48 bits, which a Lua number holds exactly; zero for none.
--
-- Most decisions read nothing of a contact but its time, so the times stand together and in order. A reservation adds its
-- contact at the end, where the key lives long enough: that neither builds the string anew nor gives it another day to
-- expire on. Whatever edits the customer next, and the settling does, sorts it in and gives it one.

-- While a library is loaded the libraries it uses are out of reach; they are taken at the first call.
local call, struct_pack, struct_unpack, sub, rep, find, byte, floor
local function bind()
  call = redis.call
  struct_pack, struct_unpack = struct.pack, struct.unpack
  sub, rep, find, byte, floor = string.sub, string.rep, string.find, string.byte, math.floor
end

local LIVE, FROZEN, ALIAS, ERASED = 71, 70, 65, 69
local HEADER, HEADER_SIZE = '>BBI4I6I6I6BI2I2I2I6', 37
local CONSENT, CONSENT_SIZE = 'BI6I6', 13
local SILENCE, SILENCE_SIZE = 'I6I6I6I6B', 25
local SILENCE_DECIDES, LIFTED = 'xxxxxxI6I6xxxxxxB', 1
local CONTACT, CONTACT_SIZE = 'I6I6I6', 18
local TIME, TIME_SIZE = 'I7', 7
local ALIAS_SIZE = 28
local ADDED, ADDED_SIZE, MOST_ADDED = 'I6I6I6I7I4', 29, 8
local MOST_CONTACTS = 4000
local NEVER = 281474976710655
local HOUR = 3600000
local NAMES = 281474976710656
local NONE = 0
local HYDRATED, REFUNDS = 1, 2
local OUT, SETTLED, AGAIN, REFUNDED = 16, 16, 32, 48
local MARKS, TAKEN = 64, 56
local SERVICE, TRANSACTIONAL = 64, 128

-- First element, or first byte, of every reply.
local UNKNOWN, OK, MOVED, ZONE = 0, 1, 2, 3
local NO_CONSENT, OPTED_OUT, SILENCED, QUIET, LIMIT, TIRED, TOLD, LATE = 4, 5, 6, 7, 8, 9, 10, 11

local function server_time()
  local time = call('TIME')
  local micros = tonumber(time[2])
  return time[1] * 1000 + (micros - micros % 1000) / 1000
end

local function clock(now)
  return now ~= '' and tonumber(now) or server_time()
end

-- The epoch of this server, and since when it has been seen. It is asked for at most every few milliseconds: in less
-- nobody is taken from master to replica and back. A full resynchronisation loads this library anew, which forgets it.
-- Where it cannot be told nothing is answered.
local EPOCH_HOLDS = 10
local epoch, epoch_read, epoch_seen = nil, 0, 0
local function read_epoch(now)
  local read = tonumber(string.match(call('INFO', 'replication'), 'master_replid:(%x%x%x%x%x%x%x%x)'), 16)
  epoch_seen = read == epoch and math.min(epoch_seen, now) or now
  epoch, epoch_read = read, now
end


-- Formats and terms are worked out once and remembered: both are pure functions of what they are asked for with.
--
-- A decision reads a consent's marks and topic as one number, marks * 2^48 + topic, and a contact's time and marks as
-- another, time * 256 + marks, which is exact until the year 3000.
local formats, formats_held = {}, 0
local function body_format(consents, silences, contacts, added)
  local shape = ((consents * 65536 + silences) * 65536 + contacts) * 32 + added
  local format = formats[shape]
  if not format then
    if formats_held >= 512 then
      formats, formats_held = {}, 0
    end
    format = '>' .. rep('I7xxxxxx', consents) .. rep(SILENCE_DECIDES, silences) .. rep(TIME, contacts)
      .. rep(rep('x', CONTACT_SIZE) .. TIME .. 'xxxx', added)
    formats[shape], formats_held = format, formats_held + 1
  end
  return format
end

-- What is asked with besides the message: rules, and where quiet hours apply their name, two intervals, whereabouts.
--   flags:1 horizon:6 keep:6 patience:4 ttl:6 (caps | 128 where they tighten):1, each cap scope:1 max:4 window:6,
--   where they tighten  stages:1 window:6, each stage, the tightest first, ignored:2 after an opt-out:6, max:4 of each cap
--   flags: 1 heeds an opt-out, 2 needs an opt-in, 4 heeds silences, 8, 16, 32 contacts of that category do not count
--          against such a message, the message's category as among the marks
--   scope: which contacts a cap counts, 0 any, else those of the message's 1 channel, 2 journey, 3 category, 4 topic
--   quiet hours:6 known from:6 from:6 until:6 from:6 until:6 whereabouts
-- The terms of the same rules and quiet hours elsewhere are kept side by side: the caller guesses the customer's
-- whereabouts, and where it guessed wrong the right terms are at hand while their intervals hold, from known from to the last until.
local CHANNEL_SCOPE, JOURNEY_SCOPE, CATEGORY_SCOPE, TOPIC_SCOPE = 1, 2, 3, 4
local function read_stages(terms, text, at)
  local many
  many, terms.tires, at = struct_unpack('>BI6', text, at)
  terms.stages, terms.ignored_first = {}, math.huge
  for k = 1, many do
    local stage = {max = {}}
    stage.ignored, stage.after, at = struct_unpack('>I2I6', text, at)
    for i = 1, terms.count do
      stage.max[i], at = struct_unpack('>I4', text, at)
    end
    terms.stages[k] = stage
    terms.after_opt_out = terms.after_opt_out or stage.after > 0
    terms.ignored_first = stage.ignored > 0 and math.min(terms.ignored_first, stage.ignored) or terms.ignored_first
  end
  return at
end

local terms_by_text, terms_held, zones_by_kind = {}, 0, {}
local function terms_of(text)
  local terms = terms_by_text[text]
  if terms then
    return terms
  end
  if terms_held >= 4096 then
    terms_by_text, terms_held, zones_by_kind = {}, 0, {}
  end
  local flags, horizon, keep, patience, ttl, count, at = struct_unpack('>BI6I6I4I6B', text)
  local tightens = count >= 128
  count = count % 128
  terms = {
    heeds_opt_out = flags % 2 == 1,
    needs_opt_in = floor(flags / 2) % 2 == 1,
    heeds_silence = floor(flags / 4) % 2 == 1,
    category = flags - flags % MARKS, covered = 2 ^ (1 + floor(flags / MARKS)),
    horizon = horizon, keep = keep, patience = patience, ttl = ttl, count = count,
    scope = {}, max = {}, window = {}, shortest_first = {}, scoped = 0, allowed = '>BB' .. rep('I2', count)
  }
  for i = 1, count do
    terms.scope[i], terms.max[i], terms.window[i], at = struct_unpack('>BI4I6', text, at)
    terms.shortest_first[i] = i
  end
  for category = 0, 2 do
    if floor(flags / 8 / 2 ^ category) % 2 == 1 then
      terms.uncounted = terms.uncounted or {}
      terms.uncounted[category * MARKS] = true
    end
  end
  local window = terms.window
  table.sort(terms.shortest_first, function(a, b) return window[a] < window[b] end)
  -- Up to which of these it matters what kind of contact one is.
  for i = 1, count do
    local scope = terms.scope[terms.shortest_first[i]]
    terms.scoped = (scope ~= 0 or terms.uncounted) and i or terms.scoped
    terms.journeys = terms.journeys or scope == JOURNEY_SCOPE
    terms.topics = terms.topics or scope == TOPIC_SCOPE
    terms.categories = terms.categories or scope == CATEGORY_SCOPE
  end
  if tightens then
    at = read_stages(terms, text, at)
  end
  if at <= #text then
    local kind = sub(text, 1, at + 5)
    local zones = zones_by_kind[kind] or {}
    terms.known_from, terms.from, terms.till, terms.next_from, terms.next_till = struct_unpack('>I6I6I6I6I6', text, at + 6)
    terms.zone = sub(text, at + 36)
    terms.zones, zones[terms.zone], zones_by_kind[kind] = zones, terms, zones
  end
  terms_by_text[text], terms_held = terms, terms_held + 1
  return terms
end

-- When enough of the contacts that fill a window will have left it; 0 where none ever will have.
local function opens_at(ats, max, window)
  if max == 0 then
    return 0
  end
  table.sort(ats)
  return ats[#ats - max + 1] + window
end

-- When the customer last opted out of something, 0 where of nothing. Most never did, and are not read for it.
local function last_opt_out(text, v, consents, consents_from)
  local last = 0
  for p = 1, consents do
    if v[p] >= OUT * NAMES then
      local _, _, at = struct_unpack('>' .. CONSENT, text, consents_from + (p - 1) * CONSENT_SIZE)
      last = at > last and at or last
    end
  end
  return last
end

-- How many contacts a customer ignored, the newest of them first; and where it is asked for, when each was.
local function ignored_since(terms, v, first, newest, own, engaged, now, ats)
  local since = now - terms.tires
  local after = ((engaged > since and engaged or since) + 1) * 256
  local uncounted, count = terms.uncounted, 0
  for p = newest, first, -1 do
    if v[p] < after then
      break
    end
    local marks = v[p] % 256
    if marks < TRANSACTIONAL and marks % MARKS < REFUNDED and p ~= own
        and not (uncounted and uncounted[marks - marks % MARKS]) then
      count = count + 1
      if ats then
        ats[count] = (v[p] - marks) / 256
      end
    end
  end
  return count
end

-- The tightest stage that a customer is in, if any.
local function stage_of(terms, ignored, opted_out, now)
  for k, stage in ipairs(terms.stages) do
    if (stage.ignored > 0 and ignored >= stage.ignored) or (stage.after > 0 and opted_out > now - stage.after) then
      return k
    end
  end
end

-- When a cap lets a message pass that is in a stage of fatigue now: as soon as one that is loose enough is reached, which
-- is when all tighter ones have ended. `ignored` are the times of the contacts that were, the newest first.
local function opens_tired(terms, i, ats, ignored, opted_out, now)
  local opens, reached = 0, now
  for k = 1, #terms.stages + 1 do
    local stage = terms.stages[k]
    local max = (stage or terms).max[i]
    if max > 0 then
      local at = math.max(reached, max > #ats and now or opens_at(ats, max, terms.window[i]))
      opens = (opens == 0 or at < opens) and at or opens
    end
    if stage and stage.ignored > 0 and #ignored >= stage.ignored then
      reached = math.max(reached, ignored[stage.ignored] + terms.tires)
    elseif stage and stage.after > 0 and opted_out > 0 then
      reached = math.max(reached, opted_out + stage.after)
    end
  end
  return opens
end

-- Where the message and the journey of a customer's i-th contact stand, from 0.
local function names_of(i, contacts, contacts_from, added_from)
  return i < contacts and contacts_from + i * CONTACT_SIZE or added_from + (i - contacts) * ADDED_SIZE
end

-- Until when the last of the added contacts may take, or what is given.
local function over_by(text, added_from, lease)
  for at = added_from, #text, ADDED_SIZE do
    local _, _, _, time, within = struct_unpack('>' .. ADDED, text, at)
    lease = math.max(lease, floor(time / 256) + within)
  end
  return lease
end

-- args: request (channel:1 topic:6 message:6 journey:6, now:6 or nothing), terms.
-- Answers a string: a code:1, then
--   allowed               1 if it did not count before:1, counts of all caps:2 each
--   a cap                 opens at:6, counts of the caps up to that one:2 each
--   silence               until:6
--   quiet hours           until:6, the customer's whereabouts
--   moved                 survivor:16
--   zone                  the customer's whereabouts
-- One that caps were tightened for has before it: 9, stage:1 ignored:2, and when the customer engaged or opted out:6.
-- Of a refusal also the instant it was decided at and the customer it was decided on.
local function decide(key, args, take, clocked)
  local request = args[1]
  local now = #request > 19 and struct_unpack('>I6', request, 20) or clocked
  local text = call('GET', key)
  if not text then
    return '\0'
  end
  local tag = byte(text)
  if tag ~= LIVE then
    return tag == ALIAS and '\2' .. sub(text, 2, 17) or '\0'
  end
  local _, flags, written, since, lease, expires, zone_length, contacts, consents, silences, engaged
    = struct_unpack(HEADER, text)
  local terms = terms_of(args[2])
  if written ~= epoch or flags % 2 == 0 or since > now - terms.horizon + 1 then
    return '\0'
  end
  local channel, topic, message = struct_unpack('>BI6c6', request)
  local contacts_from = HEADER_SIZE + 1 + zone_length
  local contacts_till = contacts_from + contacts * CONTACT_SIZE
  local times_from = contacts_till + consents * CONSENT_SIZE + silences * SILENCE_SIZE
  local added_from = times_from + contacts * TIME_SIZE
  local added = (#text + 1 - added_from) / ADDED_SIZE
  if contacts + added > MOST_CONTACTS + MOST_ADDED then
    -- More than a call can take apart; whoever hydrates the customer has them thinned.
    return '\0'
  end
  local v = {struct_unpack(body_format(consents, silences, contacts, added), text, contacts_till)}

  if terms.heeds_opt_out then
    local opted_in = false
    local all, one = channel * NAMES, channel * NAMES + topic
    for p = 1, consents do
      local said = v[p]
      if said == all or said == one then
        opted_in = true
      elseif said == all + OUT * NAMES or said == one + OUT * NAMES then
        return '\5', now, text
      end
    end
    if terms.needs_opt_in and not opted_in then
      return '\4', now, text
    end
  end

  if silences > 0 and terms.heeds_silence then
    local journey = struct_unpack('>I6', request, 14)
    local silent_until = 0
    for p = consents + 1, consents + silences * 3, 3 do
      local marks = v[p + 2]
      if (v[p] == NONE or v[p] == journey) and v[p + 1] > silent_until and marks % 2 ~= LIFTED
          and (marks == 0 or floor(marks / terms.covered) % 2 == 1) then
        silent_until = v[p + 1]
      end
    end
    if silent_until > now then
      return struct_pack('>BI6', SILENCED, silent_until), now, text
    end
  end

  local zone = terms.zone
  if zone then
    local own_zone = zone_length == 0 and '' or sub(text, HEADER_SIZE + 1, HEADER_SIZE + zone_length)
    if own_zone ~= zone then
      terms = terms.zones[own_zone]
      if not terms or now < terms.known_from or now >= terms.next_till then
        return '\3' .. own_zone
      end
    end
    if terms.from <= now and now < terms.till then
      return struct_pack('>BI6', QUIET, terms.till) .. own_zone, now, text
    elseif terms.next_from <= now and now < terms.next_till then
      return struct_pack('>BI6', QUIET, terms.next_till) .. own_zone, now, text
    end
  end

  local before = consents + silences * 3
  local first, newest = before + 1, before + contacts + added
  -- The contact that this message has on this channel, if any. Wherever else its bytes stand, they mean something else.
  local own = nil
  if find(text, message, contacts_from, true) then
    for p = first, newest do
      local at = names_of(p - first, contacts, contacts_from, added_from)
      if v[p] % 8 == channel and sub(text, at, at + 5) == message then
        own = p
      end
    end
  end

  -- From here on times carry their marks: `at >= (t + 1) * 256` says later than t. Backwards from the newest contact, so
  -- that each window ends once, the shortest first, with all it counts counted. Where every contact counts alike, its place
  -- is its count.
  local count, scope, window, shortest_first = terms.count, terms.scope, terms.window, terms.shortest_first
  local scoped = (own or flags >= REFUNDS) and count or terms.scoped
  local category, uncounted = terms.category, terms.uncounted
  local journey, topic = terms.journeys and sub(request, 14, 19), terms.topics and sub(request, 2, 7)
  local named, categories = journey or topic, terms.categories
  local counts, on_all, on_channel, in_journey, in_category, on_topic = {0, 0, 0, 0}, 0, 0, 0, 0, 0
  local p = newest
  for i = 1, count do
    local cap = shortest_first[i]
    local opened = (now - window[cap] + 1) * 256
    if i <= scoped then
      while p >= first and v[p] >= opened do
        local marks = v[p] % 256
        if marks % MARKS < REFUNDED and p ~= own and not (uncounted and uncounted[marks - marks % MARKS]) then
          on_all = on_all + 1
          if marks % 16 == channel then
            on_channel = on_channel + 1
          end
          if categories and marks - marks % MARKS == category then
            in_category = in_category + 1
          end
          if named then
            local at = names_of(p - first, contacts, contacts_from, added_from)
            if journey and sub(text, at + 6, at + 11) == journey then
              in_journey = in_journey + 1
            end
            if topic and sub(text, at + 12, at + 17) == topic then
              on_topic = on_topic + 1
            end
          end
        end
        p = p - 1
      end
    else
      local from = p
      while p >= first and v[p] >= opened do
        p = p - 1
      end
      on_all = on_all + from - p
    end
    local counted = scope[cap]
    counts[cap] = counted == 0 and on_all or counted == CHANNEL_SCOPE and on_channel
      or counted == JOURNEY_SCOPE and in_journey or counted == CATEGORY_SCOPE and in_category or on_topic
  end
  local max, tired, opted_out = terms.max, nil, 0
  if terms.stages then
    local ignored = newest - before >= terms.ignored_first
      and ignored_since(terms, v, first, newest, own, engaged, now) or 0
    opted_out = terms.after_opt_out and last_opt_out(text, v, consents, contacts_till) or 0
    local k = stage_of(terms, ignored, opted_out, now)
    if k then
      local stage = terms.stages[k]
      max = stage.max
      local ignores = stage.ignored > 0
      tired = struct_pack('>BBI2I6', TIRED, k - 1, ignores and ignored or 0, ignores and engaged or opted_out)
    end
  end
  for i = 1, count do
    if counts[i] >= max[i] then
      local ats = {}
      local counted, opened = scope[i], (now - window[i] + 1) * 256
      for q = first, newest do
        local marks = v[q] % 256
        local at = names_of(q - first, contacts, contacts_from, added_from)
        if q ~= own and v[q] >= opened and marks % MARKS < REFUNDED
            and not (uncounted and uncounted[marks - marks % MARKS])
            and (counted == 0 or (counted == CHANNEL_SCOPE and marks % 16 == channel)
                or (counted == JOURNEY_SCOPE and sub(text, at + 6, at + 11) == journey)
                or (counted == CATEGORY_SCOPE and marks - marks % MARKS == category)
                or (counted == TOPIC_SCOPE and sub(text, at + 12, at + 17) == topic)) then
          ats[#ats + 1] = (v[q] - marks) / 256
        end
      end
      local opens
      if tired then
        local ignored = {}
        ignored_since(terms, v, first, newest, own, engaged, now, ignored)
        opens = opens_tired(terms, i, ats, ignored, opted_out, now)
      else
        opens = opens_at(ats, max[i], window[i])
      end
      local refusal = struct_pack('>BI6' .. rep('I2', i), LIMIT, opens, unpack(counts, 1, i))
      return tired and tired .. refusal or refusal, now, text
    end
  end
  local allowed = struct_pack(terms.allowed, OK, 1, unpack(counts, 1, count))
  allowed = tired and tired .. allowed or allowed
  if not take then
    return allowed
  end

  local kept = (now - terms.keep + 1) * 256
  if not own and added < MOST_ADDED and expires - now > terms.patience + HOUR
      and (newest < first or (v[first] >= kept and v[newest] < (now + 1) * 256)) then
    call('APPEND', key,
      sub(request, 8, 19) .. sub(request, 2, 7) .. struct_pack('>I7I4', now * 256 + channel + category, terms.patience))
    return allowed
  end

  local at, marks, fresh = now, channel + category, 1
  local own_names = sub(request, 8, 19) .. sub(request, 2, 7)
  if own then
    local was = v[own] % MARKS
    local was_at = floor(v[own] / 256)
    if was >= REFUNDED then
      -- Strictly later than what was refunded, so that a join can tell the two apart.
      at = math.max(now, was_at + 1)
    else
      at, fresh = math.max(now, was_at), 0
      marks = was < SETTLED and marks or marks + AGAIN
    end
  end
  local names, times, placed, over = {}, {}, false, newest - before + 1 - MOST_CONTACTS
  local function put(name, time)
    names[#names + 1], times[#times + 1] = name, struct_pack('>' .. TIME, time)
  end
  for q = first, newest do
    if not placed and v[q] >= (at + 1) * 256 then
      put(own_names, at * 256 + marks)
      placed = true
    end
    if v[q] < kept or (over > 0 and v[q] % 256 >= TRANSACTIONAL) then
      over = over - 1
    elseif q ~= own then
      local from = names_of(q - first, contacts, contacts_from, added_from)
      put(sub(text, from, from + CONTACT_SIZE - 1), v[q])
    end
  end
  if not placed then
    put(own_names, at * 256 + marks)
  end
  if v[first] < kept then
    since = math.max(since, kept / 256)
  end
  lease = over_by(text, added_from, math.max(lease, now + terms.patience))
  call('SET', key,
    struct_pack(HEADER, LIVE, flags, written, since, lease, now + terms.ttl, zone_length, #names, consents, silences, engaged)
    .. sub(text, HEADER_SIZE + 1, contacts_from - 1) .. table.concat(names)
    .. sub(text, contacts_till, times_from - 1) .. table.concat(times), 'PX', string.format('%.0f', terms.ttl))
  if fresh == 0 then
    local again = struct_pack(terms.allowed, OK, fresh, unpack(counts, 1, count))
    return tired and tired .. again or again
  end
  return allowed
end

-- Everything below is off the hot path and works on a decoded customer.

local function empty()
  return {flags = 0, since = NEVER, lease = 0, engaged = 0, zone = '', consents = {}, silences = {}, contacts = {}}
end

local function contact(message, journey, topic, time)
  local marks = time % 256
  local mark = marks % MARKS
  return {
    message = message, journey = journey, topic = topic, at = (time - marks) / 256,
    channel = marks % 8, mark = mark >= TAKEN and TAKEN or mark - mark % 16, category = marks - mark
  }
end

local function decode(text)
  if byte(text) ~= LIVE then
    return empty()
  end
  local _, flags, written, since, lease, _, zone_length, contacts, consents, silences, engaged, at
    = struct_unpack(HEADER, text)
  local state = {
    flags = flags % 2, epoch = written, since = since, engaged = engaged, zone = sub(text, at, at + zone_length - 1),
    consents = {}, silences = {}, contacts = {}
  }
  local names = at + zone_length
  at = names + contacts * CONTACT_SIZE
  for i = 1, consents do
    local marks, topic, when
    marks, topic, when, at = struct_unpack('>' .. CONSENT, text, at)
    state.consents[i] = {channel = marks % 16, out = marks >= OUT, topic = topic, at = when}
  end
  for i = 1, silences do
    local s = {}
    s.cause, s.journey, s.till, s.at, s.marks, at = struct_unpack('>' .. SILENCE, text, at)
    state.silences[i] = s
  end
  for i = 1, contacts do
    local message, journey, topic, time
    message, journey, topic, names = struct_unpack('>' .. CONTACT, text, names)
    time, at = struct_unpack('>' .. TIME, text, at)
    state.contacts[i] = contact(message, journey, topic, time)
  end
  state.lease = over_by(text, at, lease)
  while at <= #text do
    local message, journey, topic, time
    message, journey, topic, time, _, at = struct_unpack('>' .. ADDED, text, at)
    state.contacts[#state.contacts + 1] = contact(message, journey, topic, time)
  end
  return state
end

local function packed(consents)
  local parts = {}
  for i, c in ipairs(consents) do
    parts[i] = struct_pack('>' .. CONSENT, c.channel + (c.out and OUT or 0), c.topic, c.at)
  end
  return table.concat(parts)
end

-- Of contacts, oldest first, those that are kept.
local function thinned(contacts)
  local over = #contacts - MOST_CONTACTS
  for category = TRANSACTIONAL, 0, -SERVICE do
    if over > 0 then
      local kept = {}
      for _, c in ipairs(contacts) do
        if over > 0 and c.category == category then
          over = over - 1
        else
          kept[#kept + 1] = c
        end
      end
      contacts = kept
    end
  end
  return contacts
end

-- expires: where it is stored, when the key will; else it stays out of what is asked.
local function encode(state, expires)
  state.contacts = thinned(state.contacts)
  local names, times, refunds = {}, {}, 0
  for i, c in ipairs(state.contacts) do
    names[i] = struct_pack('>' .. CONTACT, c.message, c.journey, c.topic)
    times[i] = struct_pack('>' .. TIME, c.at * 256 + c.channel + c.mark + c.category)
    refunds = c.mark >= REFUNDED and REFUNDS or refunds
  end
  local parts = {
    struct_pack(HEADER, LIVE, state.flags + refunds, epoch, state.since, state.lease, expires or 0, #state.zone,
      #state.contacts, #state.consents, #state.silences, state.engaged),
    state.zone, table.concat(names), packed(state.consents)
  }
  for _, s in ipairs(state.silences) do
    parts[#parts + 1] = struct_pack('>' .. SILENCE, s.cause, s.journey, s.till, s.at, s.marks)
  end
  parts[#parts + 1] = table.concat(times)
  return table.concat(parts)
end

-- A customer as this server may believe it: of what was written in another epoch only what restricts.
local function believed(text)
  local state = decode(text)
  if state.epoch == epoch then
    return state
  end
  local outs = {}
  for _, c in ipairs(state.consents) do
    outs[#outs + 1] = c.out and c or nil
  end
  state.flags, state.since, state.consents = 0, NEVER, outs
  return state
end

-- The same as a string; to the byte what was written where it is of this epoch.
local function renewed(text)
  if byte(text) == LIVE then
    local _, _, written = struct_unpack(HEADER, text)
    if written == epoch then
      return text
    end
  end
  return encode(believed(text))
end

local function store(key, text, ttl)
  call('SET', key, text, 'PX', ttl)
end

-- Applies an edit to the customer under the key. A frozen customer is edited too, and the caller is told to repeat the
-- edit at the survivor: whichever of the two the merge reads last, nothing is lost. What the edit said here is told beside.
-- Where it says for how long, that is how long the customer is kept. Who is told to be herself is neither frozen nor an
-- alias afterwards.
local function edit(key, ttl, change, herself)
  local text = call('GET', key)
  local tag = text and byte(text)
  if herself and tag == FROZEN then
    text, tag = sub(text, 18), LIVE
  elseif herself and tag == ALIAS then
    text, tag = false, nil
  end
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  elseif tag == ERASED then
    return {OK, 0}
  end
  local state = text and believed(tag == FROZEN and sub(text, 18) or text) or empty()
  local reply = change(state, text ~= false)
  if reply.changed ~= false then
    local kept = reply.ttl or ttl
    store(key, (tag == FROZEN and sub(text, 1, 17) or '') .. encode(state, server_time() + kept), kept)
  end
  if tag == FROZEN then
    return {MOVED, sub(text, 2, 17), reply.value, reply.more}
  end
  return {OK, reply.value, reply.more}
end

-- Of two words the later counts. Answers when the one was said that counts in the place of an opt-out; 0 where none does.
local function join_consent(consents, new)
  for _, held in ipairs(consents) do
    if held.channel == new.channel and held.topic == new.topic then
      if new.at > held.at or (new.at == held.at and new.out) then
        held.out, held.at = new.out, new.at
      end
      return new.out and not held.out and held.at or 0
    end
  end
  consents[#consents + 1] = new
  return 0
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
    if held.cause == new.cause then
      held.till = math.max(held.till, new.till)
      local lifted = new.at > held.at and new or held
      if new.at == held.at and new.marks % 2 ~= LIFTED then
        lifted = new
      end
      held.marks = held.marks - held.marks % 2 + lifted.marks % 2
      held.at = math.max(held.at, new.at)
      return
    end
  end
  silences[#silences + 1] = new
end

-- Of two whereabouts both hold: each of their three parts has what either has.
local function join_where(a, b)
  if a == b or b == '' then
    return a
  elseif a == '' then
    return b
  end
  local parts = {'', '', ''}
  for _, text in ipairs({a, b}) do
    local part = 1
    for items in string.gmatch(text .. '|', '([^|]*)|') do
      for item in string.gmatch(items, '[^,]+') do
        if not find(',' .. parts[part] .. ',', ',' .. item .. ',', 1, true) then
          parts[part] = parts[part] .. (parts[part] == '' and '' or ',') .. item
        end
      end
      part = part + 1
    end
  end
  local joined = string.gsub(table.concat(parts, '|'), '|+$', '')
  return #joined <= 255 and joined or '*'
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

-- Settled wins; else the later; else, at the same instant, the refund, which can only have followed. What was taken back
-- stays so, settled or not, but for what came later.
local function join_contact(held, new)
  if held.mark == TAKEN or new.mark == TAKEN then
    if new.at > held.at or (new.at == held.at and new.mark == TAKEN) then
      held.at, held.mark = new.at, new.mark
      held.journey, held.topic, held.category = new.journey, new.topic, new.category
    end
  elseif settled_once(held) or settled_once(new) then
    held.mark = settled_mark(held, new)
    held.at = math.max(held.at, new.at)
  elseif new.at > held.at or (new.at == held.at and new.mark > held.mark) then
    held.at, held.mark = new.at, new.mark
    held.journey, held.topic, held.category = new.journey, new.topic, new.category
  end
end

-- Takes further contacts in.
local function joining(contacts)
  local known = {}
  for _, c in ipairs(contacts) do
    known[c.message * 8 + c.channel] = c
  end
  return function(new)
    local key = new.message * 8 + new.channel
    if known[key] then
      join_contact(known[key], new)
    else
      known[key] = new
      contacts[#contacts + 1] = new
    end
  end
end

-- After contacts were joined; everything else leaves them in their order.
local function in_order(contacts)
  table.sort(contacts, function(a, b) return a.at < b.at end)
end

local function each_consent(text, apply)
  for at = 1, #text, CONSENT_SIZE do
    local marks, topic, when = struct_unpack('>' .. CONSENT, text, at)
    apply({channel = marks % 16, out = marks >= OUT, topic = topic, at = when})
  end
end

local function each_silence(text, apply)
  for at = 1, #text, SILENCE_SIZE do
    local s = {}
    s.cause, s.journey, s.till, s.at, s.marks = struct_unpack('>' .. SILENCE, text, at)
    apply(s)
  end
end

-- What older clients tell, journey:6 until:6: one of all that cover the same, which nothing lifts.
local function with_causes(text)
  local causes = {}
  for at = 1, #text, 12 do
    causes[#causes + 1] = sub(text, at, at + 5) .. sub(text, at, at + 11) .. rep('\0', 7)
  end
  return table.concat(causes)
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

-- The same with what this epoch does not know of. By this server's clock only: whoever tells the time tells a story.
local function time_left_in_all(state, told, channel, patience)
  local left = time_left(state, clock(told), channel)
  if told == '' and patience and not (state.flags % 2 == HYDRATED and state.since < NEVER) then
    left = math.max(left, epoch_seen + patience - server_time())
  end
  return left
end

-- A refusal names the first rule that refuses. Along with it goes all that the others would be asked of, so that the client
-- can say what every rule says of the very same customer at the very same instant: told:1 now:6 length:2, the customer, the
-- refusal. A customer of more than 4 KiB stays here.
local MOST_TOLD = 4096
local function why(reply, now, text)
  if text and #text <= MOST_TOLD then
    return struct_pack('>BI6I2', TOLD, now, #text) .. text .. reply
  end
  return reply
end

local function reserve_why(keys, args, clocked)
  return why(decide(keys[1], args, true, clocked))
end

local function peek_why(keys, args, clocked)
  return why(decide(keys[1], args, false, clocked))
end

-- The same as older clients ask, who read the refusal alone.
local function reserve(keys, args, clocked)
  return (decide(keys[1], args, true, clocked))
end

local function peek(keys, args, clocked)
  return (decide(keys[1], args, false, clocked))
end

-- args: ttl, message, now. Answers 0 where there is nothing to settle, 2 for an overrun. One that was under way when a ledger
-- told of it stands at the latest instant at which it could be handed over; now that it was, that was before now. What was
-- reserved again stands a moment after its refund, and stays there.
local MOMENT = 1000
local function settle(keys, args)
  local message = struct_unpack('>I6', args[2])
  local now = args[3] and clock(args[3]) or math.huge
  return edit(keys[1], args[1], function(state)
    local refunded, found, earlier = nil, 0, false
    for _, c in ipairs(state.contacts) do
      if c.message == message then
        if c.mark < REFUNDED then
          if c.at > now + MOMENT then
            c.at, earlier = now, true
          end
          c.mark, found = SETTLED, 1
        elseif c.mark == REFUNDED and (not refunded or c.at >= refunded.at) then
          refunded = c
        end
      end
    end
    if found == 0 and refunded then
      refunded.mark, found = SETTLED, 2
    end
    if earlier then
      in_order(state.contacts)
    end
    return {value = found, changed = found > 0}
  end)
end

local function too_late(by)
  return by and server_time() > tonumber(by) and {LATE}
end

-- args: ttl, message, no later than. Answers how many contacts stopped counting. One that was settled before only ceases to be
-- under way.
local function refund(keys, args)
  local refused = too_late(args[3])
  if refused then
    return refused
  end
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

-- args: ttl, message, no later than. Answers how many contacts stopped counting.
local function take_back(keys, args)
  local refused = too_late(args[3])
  if refused then
    return refused
  end
  local message = struct_unpack('>I6', args[2])
  return edit(keys[1], args[1], function(state)
    local taken = 0
    for _, c in ipairs(state.contacts) do
      if c.message == message and (c.mark == 0 or c.mark == SETTLED) then
        c.mark, taken = TAKEN, taken + 1
      end
    end
    return {value = taken, changed = taken > 0}
  end)
end

-- args: ttl, message. Answers 2 for an overrun, 0 where nothing was taken back. Strictly later than what was taken back, so
-- that a join can tell the two apart.
local function put_back(keys, args)
  local message = struct_unpack('>I6', args[2])
  return edit(keys[1], args[1], function(state)
    local found = 0
    for _, c in ipairs(state.contacts) do
      if c.message == message and c.mark == TAKEN then
        c.mark, c.at, found = SETTLED, c.at + 1, 2
      end
    end
    in_order(state.contacts)
    return {value = found, changed = found > 0}
  end)
end

-- args: now, ttl, consents, patience. Answers how many milliseconds what is under way on the channels opted out of may still take,
-- and when the latest opt-in was said that counts in the place of one of the opt-outs.
local function consent(keys, args)
  return edit(keys[1], args[2], function(state)
    local left, outdone = 0, 0
    each_consent(args[3], function(c)
      outdone = math.max(outdone, join_consent(state.consents, c))
      if c.out then
        left = math.max(left, time_left_in_all(state, args[1], c.channel, args[4]))
      end
    end)
    return {value = left, more = outdone}
  end)
end

-- args: now, ttl, silences and liftings, patience. Answers how many milliseconds what is under way may still take.
local function hush(keys, args)
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
    return {value = time_left_in_all(state, args[1], nil, args[4])}
  end)
end

local function silence(keys, args)
  return hush(keys, {args[1], args[2], with_causes(args[3])})
end

-- args: ttl, whereabouts.
local function zone(keys, args)
  return edit(keys[1], args[1], function(state)
    state.zone = args[2]
    return {value = 0}
  end)
end

-- args: ttl, when the customer last engaged. Whoever is not there, or for such a word alone, is not kept for it but for a
-- while, within which a hydration joins it that looked into the ledger before this was there.
local UNKNOWN_KEPT = 300000
local function engage(keys, args)
  local at = tonumber(args[2])
  return edit(keys[1], args[1], function(state)
    local later = at > state.engaged
    state.engaged = later and at or state.engaged
    local nothing = state.flags == 0 and state.since == NEVER
      and #state.contacts == 0 and #state.consents == 0 and #state.silences == 0
    return {value = 0, changed = later, ttl = nothing and UNKNOWN_KEPT or nil}
  end)
end

-- args: ttl, whereabouts or '', consents, silences, '1' where these are all the permissions of this very customer, '2' where
-- they also take the place of what is there, as after a customer was split, and no merge of hers was ever committed; when she last engaged, which older clients leave
-- out; no later than; the consents whose place they take. Answers 1 where these are others by now, and nothing is replaced.
local function permit(keys, args)
  local refused = too_late(args[7])
  if refused then
    return refused
  end
  return edit(keys[1], args[1], function(state)
    if args[5] == '2' then
      if args[8] and args[8] ~= packed(state.consents) then
        return {value = 1, changed = false}
      end
      state.zone, state.consents, state.silences = '', {}, {}
    end
    if args[2] ~= '' and (args[5] ~= '0' or state.zone == '') then
      state.zone = args[2]
    end
    each_consent(args[3], function(c) join_consent(state.consents, c) end)
    each_silence(args[4], function(s) join_silence(state.silences, s) end)
    state.engaged = math.max(state.engaged, tonumber(args[6] or 0))
    if args[5] ~= '0' then
      state.flags = HYDRATED
    end
    return {value = 0}
  end, args[5] == '2')
end

local function permissions(keys, args)
  return permit(keys, {args[1], args[2], args[3], with_causes(args[4]), args[5]})
end

-- args: ttl, the instant from which on the list is complete, contacts (message:6 at:6 marks:1 journey:6 topic:6), the epoch
-- in which they were read or '' where nothing can be counted meanwhile. The instant of one that is under way is when it
-- will be over at the latest.
local function told(keys, args)
  return edit(keys[1], args[1], function(state)
    local join = joining(state.contacts)
    for at = 1, #args[3], CONTACT_SIZE + TIME_SIZE do
      local message, time, journey, topic = struct_unpack('>I6I7I6I6', args[3], at)
      local new = contact(message, journey, topic, time)
      join(new)
      if new.mark < SETTLED then
        state.lease = math.max(state.lease, new.at)
      end
    end
    in_order(state.contacts)
    if (args[4] or '') == '' or tonumber(args[4]) == epoch then
      state.since = math.min(state.since, tonumber(args[2]))
    end
    return {value = 0}
  end)
end

-- args: ttl, messages:6, when it began to be asked which. Forgets the contacts of messages that are none of the customer's, or did
-- not leave. What was reserved since stays, and so does what was given back. Whoever is one with somebody else, or is becoming so,
-- keeps all: what is not hers may be the other's. Answers how many.
local function forget(keys, args)
  local tag = byte(call('GET', keys[1]) or '')
  if tag == ALIAS or tag == FROZEN then
    return {OK, 0}
  end
  local theirs, before = {}, tonumber(args[3])
  for at = 1, #args[2], 6 do
    theirs[struct_unpack('>I6', args[2], at)] = true
  end
  return edit(keys[1], args[1], function(state)
    local kept = {}
    for _, c in ipairs(state.contacts) do
      if c.mark > SETTLED or c.at >= before or not theirs[c.message] then
        kept[#kept + 1] = c
      end
    end
    local gone = #state.contacts - #kept
    state.contacts = kept
    return {value = gone, changed = gone > 0}
  end)
end

-- In which epoch a customer is answered for, and what time it is there.
local function epoch_of(keys)
  local text = call('GET', keys[1])
  if text and (byte(text) == ALIAS or byte(text) == FROZEN) then
    return {MOVED, sub(text, 2, 17)}
  end
  return {OK, epoch, server_time()}
end

-- The same of the key itself, wherever it leads, and the consents that are kept under it.
local function stands(keys)
  local text = call('GET', keys[1])
  local tag = text and byte(text)
  local own = tag == FROZEN and sub(text, 18) or text
  return {OK, epoch, server_time(), (tag == LIVE or tag == FROZEN) and packed(believed(own).consents) or ''}
end

-- The same as older clients tell it, without topics.
local function contacts(keys, args)
  local topical = {}
  for at = 1, #args[3], 19 do
    topical[#topical + 1] = sub(args[3], at, at + 18) .. rep('\0', 6)
  end
  return told(keys, {args[1], args[2], table.concat(topical)})
end

-- First step of a merge. args: ttl, survivor. From here on the merged customer is unknown. Answers where it leads
-- already, or now, and what it was; nothing where it was erased.
local function freeze(keys, args)
  local text = call('GET', keys[1])
  local tag = text and byte(text)
  if tag == ERASED then
    return {OK, args[2], ''}
  elseif tag == FROZEN then
    return {OK, sub(text, 2, 17), renewed(sub(text, 18))}
  elseif tag == ALIAS then
    local was = empty()
    if #text == ALIAS_SIZE then
      local flags, since, written = struct_unpack('>BI6I4', text, 18)
      if written == epoch then
        was.flags, was.since = flags, since
      end
    end
    return {OK, sub(text, 2, 17), encode(was)}
  end
  local state = text and renewed(text) or encode(empty())
  store(keys[1], struct_pack('>Bc16', FROZEN, args[2]) .. state, args[1])
  return {OK, args[2], state}
end

-- Second step, at the survivor. args: ttl, what freeze answered.
local function absorb(keys, args)
  local text = call('GET', keys[1])
  local tag = text and byte(text)
  if tag == ALIAS or tag == FROZEN then
    return {MOVED, sub(text, 2, 17)}
  elseif tag == ERASED then
    return {OK, 0}
  end
  local state, other = text and believed(text) or empty(), decode(args[2])
  state.flags = math.min(state.flags, other.flags)
  state.since = math.max(state.since, other.since)
  state.lease = math.max(state.lease, other.lease)
  state.engaged = math.max(state.engaged, other.engaged)
  state.zone = join_where(state.zone, other.zone)
  for _, c in ipairs(other.consents) do restrict_consent(state.consents, c) end
  for _, s in ipairs(other.silences) do join_silence(state.silences, s) end
  local join = joining(state.contacts)
  for _, c in ipairs(other.contacts) do join(c) end
  in_order(state.contacts)
  store(keys[1], encode(state, server_time() + args[1]), args[1])
  return {OK, 0}
end

-- Last step, at the merged customer. args: ttl, what was absorbed, survivor. Where something was written in between, or the
-- freezing was lost, answers what it is now, to be absorbed again.
local function alias(keys, args)
  local text = call('GET', keys[1])
  local tag = text and byte(text)
  if args[3] and (not tag or tag == LIVE) then
    local state = text and renewed(text) or encode(empty())
    store(keys[1], struct_pack('>Bc16', FROZEN, args[3]) .. state, args[1])
    return {OK, state}
  elseif tag == FROZEN then
    local state = renewed(sub(text, 18))
    if state ~= args[2] then
      return {OK, state}
    end
    local was = decode(state)
    store(keys[1], struct_pack('>Bc16BI6I4', ALIAS, sub(text, 2, 17), was.flags, was.since, was.epoch), args[1])
  end
  return {OK, ''}
end

-- What a customer is made of, for another to absorb a copy; nothing changes here.
local function copy(keys)
  local text = call('GET', keys[1])
  local tag = text and byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  elseif tag == FROZEN then
    return {OK, renewed(sub(text, 18))}
  end
  return {OK, text and tag == LIVE and renewed(text) or encode(empty())}
end

-- args: now, ttl, patience. Answers how many milliseconds what is under way may still take, also when it is asked again.
local function erase(keys, args)
  local now = clock(args[1])
  local text = call('GET', keys[1])
  local tag = text and byte(text)
  local lease = 0
  if tag == ERASED then
    local _
    _, lease = struct_unpack('>BI6', text)
  elseif tag ~= ALIAS then
    local state = text and believed(tag == FROZEN and sub(text, 18) or text) or empty()
    local left = time_left_in_all(state, args[1], nil, args[3])
    lease = left > 0 and now + left or 0
  end
  store(keys[1], struct_pack('>BI6', ERASED, lease), args[2])
  return {OK, math.max(0, lease - now)}
end

-- args: now, channel:1 or '', patience. Answers how many milliseconds what is under way may still take.
local function running(keys, args)
  local text = call('GET', keys[1])
  local tag = text and byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  end
  if tag == ERASED then
    return {OK, 0}
  end
  local frozen = tag == FROZEN
  local state = text and believed(frozen and sub(text, 18) or text) or empty()
  local left = time_left_in_all(state, args[1], byte(args[2]), args[3])
  if frozen then
    return {MOVED, sub(text, 2, 17), left}
  end
  return {OK, left}
end

-- Whether both ledgers have been heard, or where the customer went.
local function known(keys)
  local text = call('GET', keys[1])
  if not text then
    return {OK, 0}
  end
  local tag = byte(text)
  if tag == ALIAS then
    return {MOVED, sub(text, 2, 17)}
  elseif tag ~= LIVE then
    return {OK, 0}
  end
  local _, flags, written, since = struct_unpack(HEADER, text)
  return {OK, (written == epoch and flags % 2 == HYDRATED and since < NEVER) and 1 or 0}
end

-- Where a customer leads: itself unless it was merged, finished or not.
local function leads(keys)
  local text = call('GET', keys[1])
  if text and (byte(text) == ALIAS or byte(text) == FROZEN) then
    return {MOVED, sub(text, 2, 17), byte(text) == FROZEN and 1 or 0}
  end
  return {OK, 0}
end

-- An address holds consents as a customer does; the client reads them with a plain GET. args: ttl, consents. An opt-in is kept only where it ends a stop, and
-- only as long as a late stop from before it may still arrive; a stop is kept for good. Answers, after a 0, when the latest
-- opt-in was said that counts in the place of one of the stops.
local function address(keys, args)
  local text = call('GET', keys[1])
  local held, outdone = {}, 0
  each_consent(text or '', function(c) held[#held + 1] = c end)
  each_consent(args[2], function(new)
    for _, c in ipairs(held) do
      if c.topic == new.topic then
        outdone = math.max(outdone, join_consent(held, new))
        return
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
    call('SET', keys[1], table.concat(parts))
  else
    store(keys[1], table.concat(parts), args[1])
  end
  return {OK, 0, outdone}
end

local function bound(callback)
  return function(keys, args)
    if not struct_unpack then
      bind()
    end
    local clocked = server_time()
    if clocked >= epoch_read + EPOCH_HOLDS or clocked < epoch_read then
      read_epoch(clocked)
    end
    return callback(keys, args, clocked)
  end
end

local function writes(name, callback)
  redis.register_function(name, bound(callback))
end

local function reads(name, callback)
  redis.register_function{function_name = name, callback = bound(callback), flags = {'no-writes'}}
end

writes('thl_reserve_why', reserve_why)
reads('thl_peek_why', peek_why)
writes('thl_reserve', reserve)
reads('thl_peek', peek)
writes('thl_settle', settle)
writes('thl_refund', refund)
writes('thl_take_back', take_back)
writes('thl_put_back', put_back)
writes('thl_consent', consent)
writes('thl_hush', hush)
writes('thl_silence', silence)
writes('thl_zone', zone)
writes('thl_engaged', engage)
writes('thl_permit', permit)
writes('thl_permissions', permissions)
writes('thl_told', told)
writes('thl_contacts', contacts)
writes('thl_forget', forget)
writes('thl_freeze', freeze)
writes('thl_absorb', absorb)
writes('thl_alias', alias)
writes('thl_erase', erase)
reads('thl_copy', copy)
reads('thl_running', running)
reads('thl_known', known)
reads('thl_epoch', epoch_of)
reads('thl_stands', stands)
reads('thl_leads', leads)
writes('thl_address', address)
