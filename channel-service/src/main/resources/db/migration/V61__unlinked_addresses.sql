-- Addresses that turned out to be another customer's, and whose they are not: a message to one may still be asked for by
-- whoever has not heard of it.
CREATE TABLE unlinked_addresses (
  channel     text        NOT NULL,
  address     text        NOT NULL,
  customer    uuid        NOT NULL, -- who had it
  holder      uuid        NOT NULL, -- who has it
  version     bigint      NOT NULL, -- of the profile by which she had it; one that says so later counts again
  unlinked_at timestamptz NOT NULL,
  PRIMARY KEY (channel, address, customer)
);
CREATE INDEX unlinked_addresses_by_time ON unlinked_addresses (unlinked_at);
CREATE INDEX unlinked_addresses_by_customer ON unlinked_addresses (customer);
CREATE INDEX unlinked_addresses_by_holder ON unlinked_addresses (holder);
