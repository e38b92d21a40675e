-- The keys of the segments the customer is in.
ALTER TABLE customers ADD COLUMN segments jsonb NOT NULL DEFAULT '[]';
