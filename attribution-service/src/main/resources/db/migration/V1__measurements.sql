-- Rows keep the customer id they came with. Who that customer is now is looked up when reading: a merge writes one row
-- here and touches no other, so it cannot race with events that still arrive under the old id on other partitions.
CREATE TABLE customer_aliases (
    merged    uuid PRIMARY KEY,
    survivor  uuid NOT NULL,
    merged_at timestamptz NOT NULL,
    CHECK (merged <> survivor)
);
CREATE INDEX customer_aliases_survivor ON customer_aliases (survivor);

-- Every decision about a customer, as it was told; what is queried stands beside it.
CREATE TABLE decisions (
    id       uuid PRIMARY KEY,
    customer uuid NOT NULL,
    at       timestamptz NOT NULL,
    type     text NOT NULL,
    kind     text NOT NULL,
    journey  text,
    channel  text,
    reason   text,
    body     jsonb NOT NULL
);
CREATE INDEX decisions_customer ON decisions (customer, at DESC, id DESC);
CREATE INDEX decisions_at ON decisions (at, kind);

-- Each time a customer came into a journey, and into which arm.
CREATE TABLE assignments (
    id       uuid PRIMARY KEY,
    customer uuid NOT NULL,
    journey  text NOT NULL,
    version  integer NOT NULL,
    held_out boolean NOT NULL,
    holdout  double precision,
    at       timestamptz NOT NULL
);
CREATE INDEX assignments_journey ON assignments (journey, at);
CREATE INDEX assignments_at ON assignments (at);

-- What became of each message; the first time of each kind.
CREATE TABLE messages (
    id           uuid PRIMARY KEY,
    customer     uuid NOT NULL,
    channel      text NOT NULL,
    journey      text,
    template     text,
    sent_at      timestamptz,
    delivered_at timestamptz,
    failed_at    timestamptz,
    unknown_at   timestamptz,
    opened_at    timestamptz,
    clicked_at   timestamptz,
    -- When a carrier took it; where its answer was lost, when the receipt came.
    taken_at     timestamptz GENERATED ALWAYS AS (coalesce(sent_at, delivered_at)) STORED,
    engaged_at   timestamptz GENERATED ALWAYS AS (least(opened_at, clicked_at)) STORED,
    tried_at     timestamptz GENERATED ALWAYS AS (coalesce(sent_at, unknown_at, failed_at, delivered_at)) STORED
);
CREATE INDEX messages_taken ON messages (customer, taken_at) WHERE failed_at IS NULL;
CREATE INDEX messages_engaged ON messages (customer, engaged_at) WHERE engaged_at IS NOT NULL;
CREATE INDEX messages_tried ON messages (tried_at);
CREATE INDEX messages_delivered ON messages (delivered_at);

-- Visits that a campaign brought.
CREATE TABLE sessions (
    id         uuid PRIMARY KEY,
    customer   uuid NOT NULL,
    name       text,
    source     text,
    medium     text,
    started_at timestamptz NOT NULL,
    last_at    timestamptz NOT NULL
);
CREATE INDEX sessions_customer ON sessions (customer, started_at);

-- journey is '' for the shop's own count. value and gross are decimals of currency, value in whole minor units of it.
CREATE TABLE conversions (
    id       uuid NOT NULL,
    journey  text NOT NULL,
    customer uuid NOT NULL,
    name     text NOT NULL,
    at       timestamptz NOT NULL,
    order_id text,
    value    numeric,
    currency text,
    gross    numeric,
    within   interval,
    PRIMARY KEY (id, journey)
);
CREATE INDEX conversions_journey ON conversions (journey, at, id);
CREATE INDEX conversions_order ON conversions (order_id, journey) WHERE order_id IS NOT NULL;

-- amount is what was given back, on the scale of the order's gross; absent for all of it.
CREATE TABLE reversals (
    id       uuid PRIMARY KEY,
    customer uuid NOT NULL,
    order_id text NOT NULL,
    amount   numeric,
    at       timestamptz NOT NULL
);
CREATE INDEX reversals_order ON reversals (order_id);

-- What customers said against messages by the messages' own means. No address: the count is what is measured.
CREATE TABLE objections (
    id      uuid PRIMARY KEY,
    kind    text NOT NULL,
    channel text NOT NULL,
    message uuid,
    at      timestamptz NOT NULL
);
CREATE INDEX objections_at ON objections (at);

-- Conversions as they stand now: under the surviving customer, an order once however often it was told, less what was
-- taken back. kept is the part of the order that was not. Reads conversions by journey and time, the rest by order_id.
CREATE VIEW standing_conversions AS
SELECT c.id, c.journey, who.id AS customer, c.name, c.at, c.within, c.currency,
       round(c.value * part.kept, scale(c.value)) AS value,
       part.kept = 0 AS reversed
  FROM conversions c
  LEFT JOIN customer_aliases ca ON ca.merged = c.customer
 CROSS JOIN LATERAL (SELECT coalesce(ca.survivor, c.customer) AS id) who
 CROSS JOIN LATERAL (
       SELECT CASE WHEN count(*) = 0 THEN 1
                   WHEN bool_or(r.amount IS NULL) THEN 0
                   WHEN coalesce(c.gross, c.value, 0) = 0 THEN 1
                   ELSE greatest(0, 1 - sum(r.amount) / coalesce(c.gross, c.value))
              END AS kept
         FROM reversals r
         LEFT JOIN customer_aliases ra ON ra.merged = r.customer
        WHERE r.order_id = c.order_id AND coalesce(ra.survivor, r.customer) = who.id) part
 WHERE c.order_id IS NULL
    OR NOT EXISTS (
       SELECT FROM conversions e
         LEFT JOIN customer_aliases ea ON ea.merged = e.customer
        WHERE e.order_id = c.order_id AND e.journey = c.journey AND e.name = c.name
          AND (e.at, e.id) < (c.at, c.id)
          AND coalesce(ea.survivor, e.customer) = who.id);
