-- What is a customer's, when she is erased.
CREATE INDEX assignments_customer ON assignments (customer);
CREATE INDEX conversions_customer ON conversions (customer);
CREATE INDEX reversals_customer ON reversals (customer);
CREATE INDEX messages_failed ON messages (customer) WHERE failed_at IS NOT NULL;
