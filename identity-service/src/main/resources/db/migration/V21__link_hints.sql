-- In which browsers the links of a message were followed.
CREATE TABLE link_hints (
  message      uuid        NOT NULL,
  anonymous_id text        NOT NULL,
  noted_at     timestamptz NOT NULL,
  PRIMARY KEY (message, anonymous_id)
);
CREATE INDEX link_hints_noted_at ON link_hints USING brin (noted_at);
