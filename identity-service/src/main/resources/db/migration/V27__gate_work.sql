-- The gate written anew from the ledgers, or compared with them, customer by customer and then address by address.
-- unknown: customers the gate had no state of. position: how far the phase has come, in the order of ids, or of address, channel and topic.
CREATE TABLE gate_work (
  id            uuid        PRIMARY KEY,
  kind          text        NOT NULL,
  phase         text        NOT NULL,
  position      text[]      NOT NULL DEFAULT '{}',
  customers     bigint      NOT NULL DEFAULT 0,
  addresses     bigint      NOT NULL DEFAULT 0,
  verified      bigint      NOT NULL DEFAULT 0,
  differences   bigint      NOT NULL DEFAULT 0,
  unknown       bigint      NOT NULL DEFAULT 0,
  total         bigint      NOT NULL,
  created_at    timestamptz NOT NULL,
  created_by    text        NOT NULL,
  finished_at   timestamptz,
  claimed_until timestamptz
);
CREATE INDEX gate_work_unfinished ON gate_work (created_at) WHERE finished_at IS NULL;

-- Where the gate would have answered otherwise than the ledgers say, the first ones of each work.
CREATE TABLE gate_differences (
  work     uuid   NOT NULL REFERENCES gate_work (id) ON DELETE CASCADE,
  number   bigint NOT NULL,
  customer uuid,
  about    text   NOT NULL,
  ledger   text   NOT NULL,
  gate     text   NOT NULL,
  PRIMARY KEY (work, number)
);
