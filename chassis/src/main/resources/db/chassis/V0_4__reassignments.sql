-- Messages that turned out to be another customer's than they were told of as, until all that was told has been read.
CREATE TABLE reassignments (
  message  uuid        PRIMARY KEY,
  customer uuid        NOT NULL,
  at       timestamptz NOT NULL
);
CREATE INDEX reassignments_at ON reassignments (at);
