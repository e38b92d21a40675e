CREATE TABLE applied (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, cause text NOT NULL);

-- Fails as the server does, with the state that a test wants.
CREATE FUNCTION raise(state text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'as asked' USING ERRCODE = state;
END $$;
