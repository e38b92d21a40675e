-- The links of a message, when it is removed.
CREATE INDEX links_message ON links (message);
