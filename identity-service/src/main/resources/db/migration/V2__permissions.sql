-- Every consent that was ever said, append-only; topic '' is the whole channel.
CREATE TABLE consent_ledger (
  id          uuid        PRIMARY KEY,
  customer_id uuid,
  channel     text        NOT NULL,
  topic       text        NOT NULL,
  state       text        NOT NULL,
  address     text,
  source      text        NOT NULL,
  evidence    text,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL
);
CREATE INDEX consent_ledger_customer ON consent_ledger (customer_id, recorded_at, id);

-- What counts now for a customer: the ledger folded, the later of two, an opt-out on a tie; after a merge the most restrictive.
CREATE TABLE consents (
  customer_id uuid        NOT NULL,
  channel     text        NOT NULL,
  topic       text        NOT NULL,
  state       text        NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (customer_id, channel, topic)
);

-- The same for an address, whoever it belongs to.
CREATE TABLE address_consents (
  address text        NOT NULL,
  channel text        NOT NULL,
  topic   text        NOT NULL,
  state   text        NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (address, channel, topic)
);

-- Silences that conversions began; journey '' is all journeys.
CREATE TABLE silences (
  customer_id uuid        NOT NULL,
  journey     text        NOT NULL,
  until       timestamptz NOT NULL,
  PRIMARY KEY (customer_id, journey)
);
