-- When each customer last did something that shows that messages, or we, still matter to her; to the minute, rounded up.
-- customer_id is whose it was when it happened; a merge does not rewrite it, readers ask for the survivor's aliases too.
-- owed: the gate has not been told yet.
CREATE TABLE last_engaged (
  customer_id uuid        PRIMARY KEY,
  at          timestamptz NOT NULL,
  owed        boolean     NOT NULL
) WITH (fillfactor = 85);
CREATE INDEX last_engaged_owed ON last_engaged (customer_id) WHERE owed;

-- What is on record of messages. The gate hears of it when it hydrates.
INSERT INTO last_engaged (customer_id, at, owed)
SELECT customer_id, max(at), false
  FROM (SELECT customer_id, (counts ->> 'lastEngaged')::timestamptz AS at FROM engagements) AS told
 WHERE at IS NOT NULL
 GROUP BY customer_id;
