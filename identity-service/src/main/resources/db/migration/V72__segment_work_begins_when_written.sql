-- Not with its transaction, which may have waited for a lock: a process is to know the segment by then.
ALTER TABLE segment_work ALTER COLUMN begun_at SET DEFAULT clock_timestamp();
