-- What a silence is because of, and what it covers; both are absent where older writers told of it.
ALTER TABLE suppressions
  ADD COLUMN cause      text,
  ADD COLUMN categories text[],      -- the only ones that a silence covers
  ADD COLUMN caused_at  timestamptz; -- only a lifting that happened later ends it
ALTER TABLE lifts ADD COLUMN cause text; -- of a silence that was lifted
ALTER TABLE hand_overs ADD COLUMN category text;
