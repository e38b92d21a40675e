-- What the preference centre offers; the highest version counts.
CREATE TABLE preference_centres (
  version    integer     PRIMARY KEY,
  document   json        NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by text        NOT NULL
);

-- Links to the preference centre that were made for a customer. token_hash: SHA-256, the token itself is not kept.
CREATE TABLE preference_links (
  token_hash  bytea       PRIMARY KEY,
  customer_id uuid        NOT NULL,
  expires_at  timestamptz NOT NULL
);
CREATE INDEX preference_links_customer ON preference_links (customer_id);
CREATE INDEX preference_links_expires_at ON preference_links (expires_at);

-- Opt-ins that count once whoever has the address has confirmed them. provenance: what the request was made with.
CREATE TABLE opt_in_requests (
  id           uuid        PRIMARY KEY,
  customer_id  uuid        NOT NULL,
  identifier   text        NOT NULL,
  channel      text        NOT NULL,
  topic        text        NOT NULL,
  provenance   json        NOT NULL,
  token_hash   bytea       NOT NULL UNIQUE,
  requested_at timestamptz NOT NULL,
  expires_at   timestamptz NOT NULL,
  confirmed_at timestamptz
);
CREATE INDEX opt_in_requests_identifier ON opt_in_requests (identifier, requested_at);
CREATE INDEX opt_in_requests_customer ON opt_in_requests (customer_id);
