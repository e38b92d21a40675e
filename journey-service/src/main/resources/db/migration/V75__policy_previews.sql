-- Previews of a changed contact policy, as jobs. A running one that has not changed for a minute has lost its process and is
-- begun anew by another.
CREATE TABLE policy_previews (
    id         uuid PRIMARY KEY, -- in the order of asking
    status     text        NOT NULL CHECK (status IN ('waiting', 'running', 'done', 'failed')),
    -- Whole policies, as they were when it was asked for.
    proposed   text        NOT NULL,
    in_force   text        NOT NULL,
    from_at    timestamptz NOT NULL,
    to_at      timestamptz NOT NULL,
    -- Customers looked at so far, and of how many.
    played     bigint      NOT NULL DEFAULT 0,
    total      bigint      NOT NULL DEFAULT 0,
    tries      integer     NOT NULL DEFAULT 0,
    -- Changes with each try, so that a process that was taken for lost changes nothing any more.
    run        uuid,
    -- As text, not jsonb: the same history gives the same report, byte for byte.
    report     text,
    failure    text,
    asked_at   timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE INDEX policy_previews_open ON policy_previews (id) WHERE status IN ('waiting', 'running');
CREATE INDEX policy_previews_changed ON policy_previews (changed_at);
