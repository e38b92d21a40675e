-- Who was seen with an identifier, also where it joins nobody and so stands nowhere: a change of the rules may connect
-- them. Writing comes first: what is pending is looked through by the few who ask, and is kept short for whoever clears it.
CREATE INDEX sightings_identifiers ON sightings USING gin (identifiers) WITH (gin_pending_list_limit = 256);
