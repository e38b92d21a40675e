-- How customers take what they are sent. customer_id is whose it was when it happened; a merge does not rewrite it, readers
-- ask for the survivor's aliases too. counts: sums and latest times, and weights from which the recent share follows.
CREATE TABLE engagements (
  customer_id uuid NOT NULL,
  channel     text NOT NULL,
  counts      json NOT NULL,
  PRIMARY KEY (customer_id, channel)
) WITH (fillfactor = 85);

-- Orders of a customer, among all that she did.
CREATE INDEX timeline_orders ON timeline (customer_id, at DESC, id DESC)
  WHERE kind = 'event' AND entry ->> 'name' IN ('Order Completed', 'Completed Order');
