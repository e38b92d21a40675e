-- A silence is of a cause: the rule, and where the rule says that it can be lifted, the order. One that was there before is of
-- what it covers, and nothing lifts it.
ALTER TABLE silences
  ADD COLUMN cause      text        NOT NULL DEFAULT '',
  ADD COLUMN categories text[]      NOT NULL DEFAULT '{}', -- the only ones it covers; empty for all
  ADD COLUMN at         timestamptz NOT NULL DEFAULT 'epoch', -- when the last that is known of the cause happened
  ADD COLUMN lifted     boolean     NOT NULL DEFAULT false;
UPDATE silences SET cause = journey;
ALTER TABLE silences DROP CONSTRAINT silences_pkey, ADD PRIMARY KEY (customer_id, cause);
