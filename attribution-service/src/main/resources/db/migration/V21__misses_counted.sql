-- When to look for misses of it, and how often that was done; hand-overs come later than what they slip past, and earlier. What
-- was there before is not counted any more.
ALTER TABLE suppressions
  ADD COLUMN look_at timestamptz,
  ADD COLUMN looks   integer NOT NULL DEFAULT 0;
ALTER TABLE suppressions ALTER COLUMN look_at SET DEFAULT now();
CREATE INDEX suppressions_look ON suppressions (look_at) WHERE look_at IS NOT NULL;

-- As a miss of which kinds it was counted.
ALTER TABLE hand_overs ADD COLUMN counted text[] NOT NULL DEFAULT '{}';
