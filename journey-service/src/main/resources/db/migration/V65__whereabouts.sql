-- Where quiet hours take a customer to be, as her profile says; absent until a profile came that does, and then the time
-- zone is all there is.
ALTER TABLE customers ADD COLUMN whereabouts text;
