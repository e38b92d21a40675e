-- Events that the brokers will never take as they are. An operator reads why, mends the cause and puts them back;
-- docs/set-aside.md says how.
CREATE TABLE outbox_set_aside (
  event_id     uuid        PRIMARY KEY,
  shard        smallint    NOT NULL,
  topic        text        NOT NULL,
  record_key   text        NOT NULL,
  type         text        NOT NULL,
  said_at      timestamptz NOT NULL,
  payload      bytea       NOT NULL,
  reason       text        NOT NULL,
  set_aside_at timestamptz NOT NULL DEFAULT now()
);
