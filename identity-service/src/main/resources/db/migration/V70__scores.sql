-- What models expect of customers: of each score the one that was made last. customer_id is whose it was when it was
-- predicted; a merge does not rewrite it, readers ask for the survivor's aliases too.
CREATE TABLE scores (
  customer_id uuid             NOT NULL,
  name        text             NOT NULL,
  value       double precision NOT NULL,
  model       text             NOT NULL,
  version     text             NOT NULL,
  at          timestamptz      NOT NULL,
  PRIMARY KEY (customer_id, name)
) WITH (fillfactor = 85);

-- When customers were last taken apart: what was predicted of them up to then is of a mixture, and nobody's.
CREATE TABLE score_resets (
  customer_id uuid        PRIMARY KEY,
  at          timestamptz NOT NULL
);
