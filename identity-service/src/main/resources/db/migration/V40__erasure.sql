-- A customer who was erased keeps a row with nothing in it, so that her id is answered for ever and never given anew.
ALTER TABLE customers ADD COLUMN erased_at timestamptz;

-- logs_until: when no log keeps a record from before any more, as far as their settings say; logs_gone_at: when one looked
-- and there was none.
CREATE TABLE erasures (
  id           uuid        PRIMARY KEY,
  customer     uuid        NOT NULL UNIQUE,
  aliases      uuid[]      NOT NULL,
  asked_at     timestamptz NOT NULL,
  logs_until   timestamptz,
  logs_gone_at timestamptz
);
CREATE INDEX erasures_asked ON erasures (asked_at DESC, id DESC);
CREATE INDEX erasures_logs ON erasures (asked_at) WHERE logs_gone_at IS NULL;

CREATE TABLE erasure_confirmations (
  erasure      uuid        NOT NULL REFERENCES erasures (id),
  service      text        NOT NULL,
  confirmed_at timestamptz NOT NULL,
  PRIMARY KEY (erasure, service)
);

-- Addresses of erased customers that are not to be written to, as HMAC-SHA-256 of channel and address: whoever has the
-- address can find it, nobody can read it.
CREATE TABLE suppressed_addresses (
  hash    bytea       PRIMARY KEY,
  channel text        NOT NULL,
  since   timestamptz NOT NULL
);

-- The identifiers of erased customers, in the same way, for as long as an event from before may still come.
CREATE TABLE erased_identifiers (
  hash      bytea       PRIMARY KEY,
  erased_at timestamptz NOT NULL
);
CREATE INDEX erased_identifiers_erased_at ON erased_identifiers (erased_at);

-- In which browsers the links of her messages were followed.
CREATE INDEX link_hints_anonymous_id ON link_hints (anonymous_id);
