-- Messages that were withdrawn before they were asked for. Both are told under the customer's id of that time, and so, around
-- a merge, on two partitions.
CREATE TABLE withdrawn_messages (
  message      uuid        PRIMARY KEY,
  customer     uuid        NOT NULL, -- as the withdrawal names her
  reason       text        NOT NULL,
  withdrawn_at timestamptz NOT NULL
);
CREATE INDEX withdrawn_messages_by_customer ON withdrawn_messages (customer);
CREATE INDEX withdrawn_messages_by_time ON withdrawn_messages (withdrawn_at);
