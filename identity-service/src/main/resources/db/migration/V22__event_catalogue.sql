-- What came under which name. Few rows that change all the time: room is left in each page, so that a change stays in it.
CREATE TABLE event_names (
  kind       text        NOT NULL,
  name       text        NOT NULL,
  count      bigint      NOT NULL,
  first_seen timestamptz NOT NULL,
  last_seen  timestamptz NOT NULL,
  PRIMARY KEY (kind, name)
) WITH (fillfactor = 50);

-- The JSON types that a property's values had; each type is a bit.
CREATE TABLE event_properties (
  kind     text     NOT NULL,
  name     text     NOT NULL,
  property text     NOT NULL,
  types    smallint NOT NULL,
  PRIMARY KEY (kind, name, property),
  FOREIGN KEY (kind, name) REFERENCES event_names (kind, name) ON DELETE CASCADE
);

-- How far each partition of the log is counted, changed with the counts: a record that comes again counts once. counted_at is the
-- latest time of a record that was counted; a record before next_offset that is later belongs to a log that was made anew.
CREATE TABLE catalogue_positions (
  log_partition int         PRIMARY KEY,
  next_offset   bigint      NOT NULL,
  counted_at    timestamptz NOT NULL
);
