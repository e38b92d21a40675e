-- Whom a receipt's message was for: how one is found whose id its carrier did not tell.
ALTER TABLE unmatched_receipts ADD COLUMN address text;

-- Messages whose fate is unknown, by the address they went to.
CREATE INDEX messages_unknown ON messages (channel, address) WHERE state = 'unknown';
