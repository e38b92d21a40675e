-- Identifiers that were seen together, once however many events carry them, and what those events said. Whose a
-- sighting is follows from all sightings that identifiers connect with it, never from the order in which they came.
-- id: 128 bits of the SHA-256 of the evidence. identifiers, refused: written type:value, sorted.
CREATE TABLE sightings (
  id            uuid        PRIMARY KEY,
  customer_id   uuid        NOT NULL REFERENCES customers (id),
  identifiers   text[]      NOT NULL,
  trust         text        NOT NULL,
  first_at      timestamptz NOT NULL,
  first_source  text        NOT NULL,
  first_message text        NOT NULL,
  refused       text[]      NOT NULL,
  knowledge     json        NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX sightings_customer ON sightings (customer_id);

-- component: the oldest customer that identifiers connect this one with, whether or not the link was refused; whoever
-- decides about one locks all of them. Absent once merged away.
-- seen: when each address was last seen, by identifier.
ALTER TABLE customers
  ADD COLUMN component uuid,
  ADD COLUMN seen      jsonb NOT NULL DEFAULT '{}';

-- held: whether it is the customer's; where not, a rule was in the way and customer_id is who named it first.
-- shared: it was seen with so many people that it is nobody's, for good.
ALTER TABLE identifiers
  ADD COLUMN held   boolean NOT NULL DEFAULT true,
  ADD COLUMN shared boolean NOT NULL DEFAULT false;

-- What each side held, so that a merge can be undone.
ALTER TABLE merges
  ADD COLUMN survivor_held text[] NOT NULL DEFAULT '{}',
  ADD COLUMN merged_held   text[] NOT NULL DEFAULT '{}';

-- Which sighting an event belongs to, so that it can follow it to another customer.
ALTER TABLE timeline ADD COLUMN sighting uuid;

-- Under which identifier it was said: consent follows the identifier.
ALTER TABLE consent_ledger ADD COLUMN identifier text;

-- Identifiers that are never one customer's, because somebody took them apart.
CREATE TABLE separations (
  one      text        NOT NULL,
  other    text        NOT NULL,
  at       timestamptz NOT NULL,
  made_by  text        NOT NULL,
  PRIMARY KEY (one, other)
);
CREATE INDEX separations_other ON separations (other);

-- The rules of resolution; the highest version is in force.
CREATE TABLE resolution_rules (
  version    integer     PRIMARY KEY,
  document   json        NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text        NOT NULL
);

-- Customers whose permissions at the gate are to be stated anew from the ledger, once what it says is committed.
CREATE TABLE restatements (
  customer_id uuid        PRIMARY KEY,
  since       timestamptz NOT NULL
);

-- What was known before becomes one sighting a customer.
UPDATE customers c
   SET component = id,
       seen = coalesce(
         (SELECT jsonb_object_agg(kind || ':' || (fact ->> 'value'),
                                  jsonb_build_object('at', fact -> 'at', 'by', fact -> 'by'))
            FROM jsonb_each(c.facts) AS said (kind, fact)
           WHERE kind IN ('email', 'phone') AND fact ->> 'value' IS NOT NULL), '{}'),
       facts = facts - 'email' - 'phone'
 WHERE merged_into IS NULL;
CREATE INDEX customers_component ON customers (component) WHERE component IS NOT NULL;

INSERT INTO sightings (id, customer_id, identifiers, trust, first_at, first_source, first_message, refused, knowledge)
SELECT substr(encode(sha256(convert_to(
         'TRUSTED' || E'\x1f' || array_to_string(held.identifiers, E'\x1f'), 'UTF8')), 'hex'), 1, 32)::uuid,
       c.id, held.identifiers, 'trusted', least(held.linked_at, c.first_seen), 'before-sightings', held.cause, '{}',
       json_build_object('traits', c.traits, 'facts', c.facts, 'seen', c.seen, 'purchases', c.purchases,
                         'firstSeen', c.first_seen, 'lastSeen', c.last_seen)
  FROM customers c
  JOIN LATERAL (
    SELECT array_agg(i.type || ':' || i.value ORDER BY i.type COLLATE "C", i.value COLLATE "C") AS identifiers,
           min(i.linked_at) AS linked_at,
           min(i.cause) AS cause
      FROM identifiers i WHERE i.customer_id = c.id) held ON held.identifiers IS NOT NULL
 WHERE c.merged_into IS NULL;
