-- Dry runs as jobs. A running one whose process is gone shows by not changing any more.
CREATE TABLE dry_runs (
    id         uuid PRIMARY KEY,
    journey    text        NOT NULL,
    status     text        NOT NULL CHECK (status IN ('running', 'done', 'failed')),
    -- Customers played so far, and of how many.
    played     bigint      NOT NULL DEFAULT 0,
    total      bigint      NOT NULL DEFAULT 0,
    -- As text, not jsonb: the same seed gives the same report, byte for byte.
    report     text,
    failure    text,
    started_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
