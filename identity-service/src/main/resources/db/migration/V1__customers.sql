-- Where events may come from. The write key itself is not kept.
CREATE TABLE sources (
  name           text        PRIMARY KEY,
  write_key_hash text        NOT NULL UNIQUE,
  disabled       boolean     NOT NULL DEFAULT false,
  created_at     timestamptz NOT NULL DEFAULT now()
);

-- A customer that was merged away keeps its row, so that its id is answered for ever;
-- merged_into always names the last survivor, never one that was merged itself.
CREATE TABLE customers (
  id          uuid        PRIMARY KEY,
  merged_into uuid        REFERENCES customers (id),
  version     bigint      NOT NULL,
  traits      jsonb       NOT NULL,
  facts       jsonb       NOT NULL,
  purchases   jsonb       NOT NULL,
  first_seen  timestamptz NOT NULL,
  last_seen   timestamptz NOT NULL,
  created_at  timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL
);
CREATE INDEX customers_merged_into ON customers (merged_into) WHERE merged_into IS NOT NULL;

-- Who holds which identifier: one customer, or none. cause is the messageId that linked it.
CREATE TABLE identifiers (
  type        text        NOT NULL,
  value       text        NOT NULL,
  customer_id uuid        NOT NULL REFERENCES customers (id),
  cause       text        NOT NULL,
  linked_at   timestamptz NOT NULL,
  PRIMARY KEY (type, value)
);
CREATE INDEX identifiers_customer ON identifiers (customer_id);

CREATE TABLE merges (
  merged    uuid        PRIMARY KEY,
  survivor  uuid        NOT NULL,
  cause     text        NOT NULL,
  merged_at timestamptz NOT NULL
);

-- messageIds that were applied, so that an event sent twice counts once. Kept for two days.
CREATE TABLE accepted_messages (
  source      text        NOT NULL,
  message_id  text        NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (source, message_id)
);
CREATE INDEX accepted_messages_received_at ON accepted_messages USING brin (received_at);

-- What each customer did and what became of her. customer_id is whose it was when it happened; a merge does not rewrite
-- history, readers ask for the survivor's aliases too. The entry is json, not jsonb: it is written once, and read as it came.
CREATE TABLE timeline (
  customer_id uuid        NOT NULL,
  at          timestamptz NOT NULL,
  id          bigint      GENERATED ALWAYS AS IDENTITY,
  kind        text        NOT NULL,
  entry       json        NOT NULL,
  PRIMARY KEY (customer_id, at, id)
);
