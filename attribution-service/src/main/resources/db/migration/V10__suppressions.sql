-- What ought to keep messages back from a customer, and when it happened, left its source, was received and was in force:
-- conversions' silences and opt-outs. An opt-out is told of by more than one, so its id is made of what it says, and of
-- each time the earliest counts. in_force_at is absent until somebody tells.
CREATE TABLE suppressions (
    id              uuid PRIMARY KEY,
    customer        uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('conversion', 'opt_out')),
    channel         text, -- of an opt-out
    topic           text, -- of an opt-out from less than the channel
    journey         text, -- of a silence that covers this one alone
    name            text, -- of the event that converted
    source          text NOT NULL, -- that told of the conversion; the means of an opt-out
    happened_at     timestamptz NOT NULL,
    left_at         timestamptz,
    received_at     timestamptz,
    in_force_at     timestamptz,
    until           timestamptz, -- of a silence
    asked_at        timestamptz, -- of an opt-out that was asked for at a door of ours
    acknowledged_at timestamptz
);
CREATE INDEX suppressions_in_force ON suppressions (in_force_at);
CREATE INDEX suppressions_asked ON suppressions (asked_at) WHERE asked_at IS NOT NULL;
CREATE INDEX suppressions_customer ON suppressions (customer);

-- What ended opt-outs.
CREATE TABLE lifts (
    id       uuid PRIMARY KEY,
    customer uuid NOT NULL,
    kind     text NOT NULL,
    channel  text,
    topic    text,
    at       timestamptz NOT NULL
);
CREATE INDEX lifts_customer ON lifts (customer);

-- Messages that were handed over, or may have been, and which suppressions they had to heed. handed_over_at is absent
-- where so far only a recall was told of.
CREATE TABLE hand_overs (
    message        uuid PRIMARY KEY,
    customer       uuid NOT NULL,
    channel        text NOT NULL,
    journey        text,
    topic          text,
    heeds_consent  boolean NOT NULL,
    heeds_silence  boolean NOT NULL,
    handed_over_at timestamptz,
    recall         text
);
CREATE INDEX hand_overs_customer ON hand_overs (customer, handed_over_at);
