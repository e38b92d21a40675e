-- Ids that are gone for good: what names one is dropped, however late it comes.
CREATE TABLE gone (
  id    uuid PRIMARY KEY,
  cause uuid NOT NULL
);
CREATE INDEX gone_cause ON gone (cause);

-- Why they went, and whether what was under way at that moment has been cleared away too. fence: every transaction that may
-- not have seen them go is older.
CREATE TABLE gone_causes (
  cause      uuid        PRIMARY KEY,
  subject    uuid        NOT NULL,
  since      timestamptz NOT NULL,
  fence      xid8,
  cleared_at timestamptz
);
CREATE INDEX gone_causes_open ON gone_causes (since) WHERE cleared_at IS NULL;
