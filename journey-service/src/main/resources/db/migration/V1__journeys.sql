-- What marketers manage: journeys, their immutable versions, the contact policy.

CREATE TABLE journeys (
    key            text PRIMARY KEY,
    status         text        NOT NULL CHECK (status IN ('draft', 'active', 'paused', 'archived')),
    -- The version that new customers enter; absent until the first activation.
    active_version integer,
    latest_version integer     NOT NULL,
    created_at     timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    -- Optimistic lock of the management API.
    row_version    bigint      NOT NULL
);

CREATE TABLE journey_versions (
    journey    text        NOT NULL REFERENCES journeys (key),
    version    integer     NOT NULL,
    -- Canonical JSON, what the engine compiles.
    document   text        NOT NULL,
    -- As it was put, comments and all, and in which language.
    source     text        NOT NULL,
    media_type text        NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (journey, version)
);

CREATE TABLE contact_policies (
    version    integer PRIMARY KEY,
    document   text        NOT NULL,
    created_at timestamptz NOT NULL
);
