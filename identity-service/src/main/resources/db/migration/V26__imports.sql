-- Files of customers, identifiers and consents that are taken in row by row. next_part, next_byte: where the next row
-- begins. claimed_until: till then one process works on it. header: the columns of a CSV file.
CREATE TABLE imports (
  id            uuid        PRIMARY KEY,
  name          text        NOT NULL,
  options       json        NOT NULL,
  state         text        NOT NULL,
  header        text[],
  bytes         bigint      NOT NULL DEFAULT 0,
  bytes_done    bigint      NOT NULL DEFAULT 0,
  next_part     integer     NOT NULL DEFAULT 0,
  next_byte     integer     NOT NULL DEFAULT 0,
  rows_done     bigint      NOT NULL DEFAULT 0,
  rejected      bigint      NOT NULL DEFAULT 0,
  created       bigint      NOT NULL DEFAULT 0,
  merged        bigint      NOT NULL DEFAULT 0,
  consents      bigint      NOT NULL DEFAULT 0,
  created_at    timestamptz NOT NULL,
  created_by    text        NOT NULL,
  started_at    timestamptz,
  finished_at   timestamptz,
  claimed_until timestamptz
);
CREATE INDEX imports_running ON imports (started_at) WHERE state = 'running';
CREATE INDEX imports_created_at ON imports (created_at, id);

-- The file as it came, until it has been taken in.
CREATE TABLE import_parts (
  import_id uuid    NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  number    integer NOT NULL,
  body      bytea   NOT NULL,
  PRIMARY KEY (import_id, number)
);
ALTER TABLE import_parts ALTER COLUMN body SET STORAGE EXTERNAL;

-- Rows that were not taken, as they were written and with what is wrong with each. Kept for some days.
CREATE TABLE import_rejects (
  import_id  uuid   NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
  row_number bigint NOT NULL,
  line       text   NOT NULL,
  reasons    text[] NOT NULL,
  PRIMARY KEY (import_id, row_number)
);
