-- What a merge brought is asked for when somebody is taken apart.
CREATE INDEX merges_survivor ON merges (survivor);
