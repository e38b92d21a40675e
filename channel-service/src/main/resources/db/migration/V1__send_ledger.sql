-- The send ledger: every message that was asked for, and where it stands.
CREATE TABLE messages (
  id              uuid        PRIMARY KEY,
  customer        uuid        NOT NULL, -- as it was asked for; customer_aliases knows the survivor
  channel         text        NOT NULL,
  address         text        NOT NULL,
  template        text        NOT NULL,
  category        text        NOT NULL,
  topic           text,
  priority        integer     NOT NULL,
  journey         text,
  journey_version integer,
  instance        uuid,
  step            text,
  variables       jsonb       NOT NULL,
  locale          text,
  fallbacks       jsonb       NOT NULL, -- those not tried yet
  requested_at    timestamptz NOT NULL,
  deadline        timestamptz NOT NULL,
  state           text        NOT NULL CHECK (state IN
    ('queued', 'handing_over', 'suppressed', 'unknown', 'sent', 'failed', 'delivered')),
  attempts        integer     NOT NULL DEFAULT 0,
  not_before      timestamptz NOT NULL,
  claimed_by      uuid,
  claimed_until   timestamptz,
  counted_at      timestamptz, -- since when it counts as a contact; absent while it does not
  route           text,
  verdicts        jsonb,
  policy_version  integer,
  sent_at         timestamptz,
  delivered_at    timestamptz
);
-- What goes next on a channel.
CREATE INDEX messages_to_claim ON messages (channel, priority DESC, not_before) WHERE state = 'queued';
CREATE INDEX messages_overdue ON messages (deadline) WHERE state = 'queued';
-- What a crashed process left.
CREATE INDEX messages_claimed ON messages (claimed_until) WHERE state = 'handing_over';
CREATE INDEX messages_by_customer ON messages (customer, requested_at DESC, id DESC);
CREATE INDEX messages_by_request ON messages (requested_at DESC, id DESC);
CREATE INDEX messages_by_state ON messages (state, requested_at DESC, id DESC);
-- Which contacts of a customer still count.
CREATE INDEX messages_counted ON messages (customer, counted_at) WHERE counted_at IS NOT NULL;
-- Which message an address answers.
CREATE INDEX messages_by_address ON messages (channel, address, sent_at DESC) WHERE sent_at IS NOT NULL;
CREATE INDEX messages_by_sent ON messages (sent_at) WHERE sent_at IS NOT NULL;

-- One row a change of state, for people.
CREATE TABLE message_history (
  message uuid        NOT NULL,
  id      bigint      GENERATED ALWAYS AS IDENTITY,
  at      timestamptz NOT NULL,
  state   text        NOT NULL,
  detail  jsonb       NOT NULL,
  PRIMARY KEY (message, id)
);

-- The carriers' ids, one a part; a carrier that starts numbering anew points to the newer message.
CREATE TABLE provider_ids (
  route       text     NOT NULL,
  provider_id text     NOT NULL,
  message     uuid     NOT NULL,
  part        smallint NOT NULL,
  status      text,
  code        text,
  PRIMARY KEY (route, provider_id)
);
CREATE INDEX provider_ids_by_message ON provider_ids (message);

-- Receipts that came before the answer they belong to was stored; held some minutes.
CREATE TABLE unmatched_receipts (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  route       text        NOT NULL,
  provider_id text        NOT NULL,
  channel     text        NOT NULL,
  status      text        NOT NULL,
  code        text        NOT NULL,
  at          timestamptz NOT NULL,
  held_since  timestamptz NOT NULL
);
CREATE INDEX unmatched_receipts_held ON unmatched_receipts (held_since);

-- Where click tokens lead.
CREATE TABLE links (
  token      text        PRIMARY KEY,
  message    uuid        NOT NULL,
  url        text        NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX links_created_at ON links USING brin (created_at);
