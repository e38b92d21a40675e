-- What proves a consent, on what legal ground it was taken, which wording was shown, and who wrote it down.
ALTER TABLE consent_ledger
  ALTER COLUMN evidence TYPE json
    USING CASE WHEN evidence IS NOT NULL THEN json_build_object('text', evidence) END,
  ADD COLUMN wording     text,
  ADD COLUMN legal_basis text,
  ADD COLUMN recorded_by text;

-- The texts that people agreed to. A text never changes: another text is another version.
CREATE TABLE consent_wordings (
  version    text        PRIMARY KEY,
  locale     text,
  wording    text        NOT NULL,
  created_at timestamptz NOT NULL,
  created_by text        NOT NULL
);

-- A ledger that can be shown to somebody is one that cannot be changed. Whose a line is follows the identifier it was
-- said under; nothing else of it is ever another.
CREATE FUNCTION consent_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (to_jsonb(NEW) - 'customer_id') IS DISTINCT FROM (to_jsonb(OLD) - 'customer_id') THEN
    RAISE EXCEPTION 'the consent ledger is append-only';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER consent_ledger_append_only BEFORE UPDATE ON consent_ledger
  FOR EACH ROW EXECUTE FUNCTION consent_ledger_is_append_only();

-- What was said for an address before anybody was known to have it.
CREATE INDEX consent_ledger_address ON consent_ledger (address, recorded_at) WHERE address IS NOT NULL;
