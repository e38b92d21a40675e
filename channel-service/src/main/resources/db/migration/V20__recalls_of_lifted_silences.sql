-- Of which silence a message is to be taken back, so that one that was lifted asks for nothing. silence is absent of an
-- opt-out, of a silence that nothing can lift, and where there is more than one of them.
ALTER TABLE recalls
  ADD COLUMN silence   text,
  ADD COLUMN caused_at timestamptz; -- only a lifting that happened later ends it

-- Silences that were lifted, by their cause. Kept for as long as what they lift may be told of.
CREATE TABLE silence_lifts (
  customer uuid        NOT NULL,
  silence  text        NOT NULL,
  at       timestamptz NOT NULL, -- the last lifting that is known
  told_at  timestamptz NOT NULL,
  PRIMARY KEY (silence, customer)
);
CREATE INDEX silence_lifts_customer ON silence_lifts (customer);
CREATE INDEX silence_lifts_told ON silence_lifts USING brin (told_at);
