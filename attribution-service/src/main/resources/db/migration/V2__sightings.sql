-- By which sighting an event was whose it was taken for, for what is kept under the event's id: should the sighting turn
-- out to be somebody else's, that goes there.
CREATE TABLE behaviour_sightings (
    event    uuid PRIMARY KEY,
    sighting uuid NOT NULL
);
CREATE INDEX behaviour_sightings_sighting ON behaviour_sightings (sighting);
