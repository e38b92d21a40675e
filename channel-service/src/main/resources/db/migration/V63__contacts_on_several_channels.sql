-- Since when a message counts as a contact on each channel that it was tried on, by channel; absent where that is its channel
-- alone, since counted_at. None of them is later than counted_at, so messages_counted finds them all.
ALTER TABLE messages ADD COLUMN counted_on jsonb;
