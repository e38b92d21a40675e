-- The message that a decision was about, so that it goes with the message to another customer.
ALTER TABLE decisions ADD COLUMN message uuid GENERATED ALWAYS AS ((body ->> 'message')::uuid) STORED;
CREATE INDEX decisions_message ON decisions (message) WHERE message IS NOT NULL;
