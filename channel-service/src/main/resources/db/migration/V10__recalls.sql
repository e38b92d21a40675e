-- Messages that were handed over, or were just being, when something came that would have kept them back, and what came
-- of taking them back. outcome is absent while it is being tried.
CREATE TABLE recalls (
  message     uuid        PRIMARY KEY,
  cause       text        NOT NULL CHECK (cause IN ('opt_out', 'conversion')),
  asked_at    timestamptz NOT NULL,
  due_at      timestamptz NOT NULL, -- when it is tried next
  tries       integer     NOT NULL DEFAULT 0,
  unanswered  boolean     NOT NULL DEFAULT false, -- whether a try went without an answer
  outcome     text,
  why         text
);
CREATE INDEX recalls_due ON recalls (due_at) WHERE outcome IS NULL;
CREATE INDEX recalls_asked ON recalls USING brin (asked_at);

ALTER TABLE messages DROP CONSTRAINT messages_state_check;
ALTER TABLE messages ADD CONSTRAINT messages_state_check CHECK (state IN
  ('queued', 'handing_over', 'suppressed', 'unknown', 'sent', 'failed', 'recalled', 'delivered'));
