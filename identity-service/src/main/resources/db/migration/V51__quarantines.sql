-- Profiles whose growth was refused because they have as many identifiers as profiles may have. refused_at: when the newest
-- of the refused links happened; links: how many; newest: the sightings of the last of them.
CREATE TABLE quarantines (
  customer_id uuid        PRIMARY KEY,
  refused_at  timestamptz NOT NULL,
  links       integer     NOT NULL,
  newest      uuid[]      NOT NULL
);
CREATE INDEX quarantines_refused_at ON quarantines (refused_at DESC, customer_id DESC);

-- As far as the histories tell.
INSERT INTO quarantines (customer_id, refused_at, links, newest)
SELECT s.customer_id, max(s.first_at), count(*), (array_agg(s.id ORDER BY s.first_at DESC))[1:20]
  FROM sightings s
 WHERE cardinality(s.refused) > 0
   AND EXISTS (SELECT FROM timeline t
                WHERE t.customer_id = s.customer_id AND t.kind = 'link-refused'
                  AND t.entry ->> 'why' = 'QUARANTINED' AND t.entry ->> 'cause' = s.first_message)
 GROUP BY s.customer_id;
