-- Write keys of sources, as hashes. A source has several while one replaces another; a key that was revoked stays for the record.
CREATE TABLE source_keys (
  id          uuid        PRIMARY KEY,
  source      text        NOT NULL REFERENCES sources (name),
  hash        text        NOT NULL UNIQUE,
  hint        text        NOT NULL,
  created_at  timestamptz NOT NULL,
  valid_until timestamptz,
  revoked_at  timestamptz
);
CREATE INDEX source_keys_source ON source_keys (source, created_at);

INSERT INTO source_keys (id, source, hash, hint, created_at)
SELECT gen_random_uuid(), name, write_key_hash, '', created_at FROM sources;

ALTER TABLE sources
  DROP COLUMN write_key_hash,
  ADD COLUMN description text,
  ADD COLUMN trust text NOT NULL DEFAULT 'trusted' CHECK (trust IN ('trusted', 'claimed')),
  ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
UPDATE sources SET changed_at = created_at;
