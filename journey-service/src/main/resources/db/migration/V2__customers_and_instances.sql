-- What the streams write. One row a customer is also the lock under which everything of the customer changes.

CREATE TABLE customers (
    id              uuid PRIMARY KEY,
    -- The customer this one was merged into; never itself merged, because a merge moves earlier ones along.
    survivor        uuid,
    -- Of the profile below; 0 until the first profile came.
    profile_version bigint NOT NULL DEFAULT 0,
    traits          jsonb  NOT NULL DEFAULT '{}',
    -- channel -> address
    addresses       jsonb  NOT NULL DEFAULT '{}',
    time_zone       text,
    locale          text,
    -- [{channel, topic?, state, at}]: the latest word for each channel and topic
    consents        jsonb  NOT NULL DEFAULT '[]',
    -- channel -> {sent, engaged}
    engagement      jsonb  NOT NULL DEFAULT '{}'
);
-- A merge asks which customers had been merged into the one that is merged now.
CREATE INDEX customers_survivor ON customers (survivor) WHERE survivor IS NOT NULL;

CREATE TABLE instances (
    id          uuid PRIMARY KEY,
    customer    uuid        NOT NULL,
    journey     text        NOT NULL,
    version     integer     NOT NULL,
    status      text        NOT NULL CHECK (status IN ('running', 'left')),
    held_out    boolean     NOT NULL,
    -- Why and when it left.
    left_reason text,
    -- The engine's own record of where the customer is.
    state       jsonb       NOT NULL,
    entered_at  timestamptz NOT NULL,
    changed_at  timestamptz NOT NULL,
    row_version bigint      NOT NULL DEFAULT 1
);
-- Every batch asks for the running instances of its customers.
CREATE INDEX instances_running ON instances (customer) WHERE status = 'running';
-- A merge moves every instance of a customer.
CREATE INDEX instances_customer ON instances (customer);
-- Lists and the archiving of a journey.
CREATE INDEX instances_journey ON instances (journey, status, id);

CREATE TABLE timers (
    instance uuid        NOT NULL,
    key      text        NOT NULL,
    customer uuid        NOT NULL,
    journey  text        NOT NULL,
    -- timer: the engine's; input: what came while the journey was paused; stop: the journey was archived.
    kind     text        NOT NULL DEFAULT 'timer' CHECK (kind IN ('timer', 'input', 'stop')),
    due_at   timestamptz NOT NULL,
    -- Came due while its journey was paused; due again when the journey is activated.
    held     boolean     NOT NULL DEFAULT false,
    -- The event of an input, with its type.
    payload  jsonb,
    PRIMARY KEY (instance, key)
);
CREATE INDEX timers_due ON timers (due_at) WHERE NOT held;
CREATE INDEX timers_held ON timers (journey) WHERE held;

-- The latest entry of a customer into a journey: again-after counts from it.
CREATE TABLE entries (
    customer   uuid        NOT NULL,
    journey    text        NOT NULL,
    -- messageId of the event that led in
    trigger    text        NOT NULL,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (customer, journey)
);

-- What customers did, for dry runs. Kept under the id it came with: a reader follows the alias.
CREATE TABLE behaviours (
    id          uuid PRIMARY KEY,
    customer    uuid        NOT NULL,
    received_at timestamptz NOT NULL,
    event       jsonb       NOT NULL
);
-- A dry run reads customer by customer; what is too old is pruned by time.
CREATE INDEX behaviours_customer ON behaviours (customer, received_at);
CREATE INDEX behaviours_received ON behaviours USING brin (received_at);

-- Which sent messages the customer answered in some way, so that an open and a click of one message count once.
CREATE TABLE messages_seen (
    message    uuid PRIMARY KEY,
    sent_at    timestamptz NOT NULL,
    engaged_at timestamptz
);
CREATE INDEX messages_seen_sent ON messages_seen (sent_at);
