-- Since when a message that was handed over does not count as a contact after all; absent while it does.
ALTER TABLE messages ADD COLUMN refunded_at timestamptz;

DROP INDEX messages_counted;
CREATE INDEX messages_counted ON messages (customer, counted_at)
 WHERE counted_at IS NOT NULL AND refunded_at IS NULL;
