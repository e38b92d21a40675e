-- Only the erasure of a person takes lines of the ledger away, and says so in its transaction beforehand.
CREATE FUNCTION consent_ledger_keeps_its_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('throughline.erasing', true) IS DISTINCT FROM 'on' THEN
    RAISE EXCEPTION 'the consent ledger is append-only: only an erasure removes lines';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER consent_ledger_keeps_its_lines BEFORE DELETE OR TRUNCATE ON consent_ledger
  FOR EACH STATEMENT EXECUTE FUNCTION consent_ledger_keeps_its_lines();
