-- Events to be published, in the transaction that made them true. The relay reads a shard in the order of id.
CREATE TABLE outbox (
  shard      smallint    NOT NULL,
  id         bigint      GENERATED ALWAYS AS IDENTITY,
  topic      text        NOT NULL,
  record_key text        NOT NULL,
  event_id   uuid        NOT NULL,
  type       text        NOT NULL,
  said_at    timestamptz NOT NULL,
  payload    bytea       NOT NULL,
  PRIMARY KEY (shard, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

-- Events that have been applied.
CREATE TABLE inbox (
  consumer text        NOT NULL,
  event_id uuid        NOT NULL,
  seen_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);
CREATE INDEX inbox_seen_at ON inbox USING brin (seen_at);
