CREATE TABLE applied (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid NOT NULL, cause text NOT NULL);
