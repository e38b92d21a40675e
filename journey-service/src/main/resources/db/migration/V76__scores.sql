-- What models expect of the customer: {byName: {name: {value, at}}, since?}.
ALTER TABLE customers ADD COLUMN scores jsonb NOT NULL DEFAULT '{"byName": {}}';
-- When another customer was last merged into this one; what is told of that one from before comes late.
ALTER TABLE customers ADD COLUMN joined_at timestamptz;
