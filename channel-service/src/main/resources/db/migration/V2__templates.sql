CREATE TABLE templates (
  key        text        PRIMARY KEY,
  version    integer     NOT NULL, -- grows by one with every change
  document   text        NOT NULL, -- JSON
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
