-- A part that its carrier gave back, whatever its receipts say or do not say.
ALTER TABLE provider_ids ADD COLUMN given_back boolean NOT NULL DEFAULT false;
