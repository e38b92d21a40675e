-- Segments. One that was deleted keeps its row, so that a version is never used twice.
-- condition: as CEL; document: the JSON form that it was written from, where it was.
CREATE TABLE segments (
  key         text        PRIMARY KEY,
  version     integer     NOT NULL,
  name        text,
  description text,
  condition   text        NOT NULL,
  document    json,
  deleted     boolean     NOT NULL DEFAULT false,
  created_at  timestamptz NOT NULL,
  changed_at  timestamptz NOT NULL,
  changed_by  text        NOT NULL
);

-- Grows with every change of the segments: every process looks here whether it knows them all.
CREATE TABLE segment_revision (
  one      boolean PRIMARY KEY DEFAULT true CHECK (one),
  revision bigint  NOT NULL
);
INSERT INTO segment_revision (revision) VALUES (0);

-- Customers whose standing was looked at. The row is the lock under which memberships change.
-- due: when time alone may change it next.
CREATE TABLE segment_customers (
  customer_id uuid        PRIMARY KEY,
  due         timestamptz
);
CREATE INDEX segment_customers_due ON segment_customers (due) WHERE due IS NOT NULL;

-- Who is in which segment. version: of the definition by which she came in.
CREATE TABLE segment_members (
  customer_id uuid        NOT NULL,
  segment     text        NOT NULL,
  version     integer     NOT NULL,
  since       timestamptz NOT NULL,
  PRIMARY KEY (customer_id, segment)
);
CREATE INDEX segment_members_segment ON segment_members (segment, since, customer_id);

-- How many are in each segment: the sum over a few rows, so that units of work seldom wait for each other.
CREATE TABLE segment_sizes (
  segment text     NOT NULL,
  slot    smallint NOT NULL,
  size    bigint   NOT NULL,
  PRIMARY KEY (segment, slot)
) WITH (fillfactor = 50);

-- A segment that is filled (kind fill) or emptied (empty), or a condition that is tried (preview), customer by customer.
-- last_customer: how far it has come, in the order of ids. claimed_until: till then one process works on it, by the
-- clock of the database, as begun_at is. superseded: a later change took its place.
CREATE TABLE segment_work (
  id            uuid        PRIMARY KEY,
  kind          text        NOT NULL,
  segment       text        NOT NULL,
  version       integer     NOT NULL,
  condition     text        NOT NULL,
  last_customer uuid,
  customers     bigint      NOT NULL DEFAULT 0,
  total         bigint      NOT NULL,
  found         bigint      NOT NULL DEFAULT 0,
  sample        json        NOT NULL DEFAULT '[]',
  created_at    timestamptz NOT NULL,
  begun_at      timestamptz NOT NULL DEFAULT now(),
  finished_at   timestamptz,
  superseded    boolean     NOT NULL DEFAULT false,
  claimed_until timestamptz
);
CREATE INDEX segment_work_unfinished ON segment_work (begun_at) WHERE finished_at IS NULL;
CREATE INDEX segment_work_segment ON segment_work (segment, begun_at);
