-- Since when a message that was handed over does not count as a contact after all; absent while it does. There are few of
-- them, so messages_counted finds them too and they are left out of what it finds.
ALTER TABLE messages ADD COLUMN refunded_at timestamptz;
