-- A change of the rules of resolution that is carried out customer by customer, or a preview of one, which changes
-- nothing. last_customer: how far it has come, in the order of ids. claimed_until: till then one process works on it.
CREATE TABLE rule_work (
  id            uuid        PRIMARY KEY,
  kind          text        NOT NULL,
  version       integer     NOT NULL,
  document      json        NOT NULL,
  last_customer uuid,
  customers     bigint      NOT NULL DEFAULT 0,
  total         bigint      NOT NULL,
  created_at    timestamptz NOT NULL,
  finished_at   timestamptz,
  claimed_until timestamptz
);
CREATE INDEX rule_work_unfinished ON rule_work (created_at) WHERE finished_at IS NULL;

-- What it came upon, each customer once. what: merged, divided or quarantined. other: into whom, or who came out of her.
CREATE TABLE rule_findings (
  work        uuid    NOT NULL REFERENCES rule_work (id) ON DELETE CASCADE,
  what        text    NOT NULL,
  customer    uuid    NOT NULL,
  other       uuid,
  identifiers integer NOT NULL,
  PRIMARY KEY (work, what, customer)
);
