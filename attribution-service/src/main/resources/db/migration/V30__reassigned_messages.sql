-- The message that a decision was about, so that it goes with the message to another customer.
CREATE INDEX decisions_message ON decisions ((body ->> 'message')) WHERE body ->> 'message' IS NOT NULL;
