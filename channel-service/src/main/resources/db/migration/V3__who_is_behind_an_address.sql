-- Whom an address belongs to; an address can be shared.
CREATE TABLE address_book (
  channel  text   NOT NULL,
  address  text   NOT NULL,
  customer uuid   NOT NULL,
  version  bigint NOT NULL, -- of the profile that said it
  PRIMARY KEY (channel, address, customer)
);
CREATE INDEX address_book_by_customer ON address_book (customer);

-- Merged customers; chains are kept short: survivor is never itself merged.
CREATE TABLE customer_aliases (
  merged   uuid PRIMARY KEY,
  survivor uuid NOT NULL
);
CREATE INDEX customer_aliases_by_survivor ON customer_aliases (survivor);

-- What came in from an address, newest last; carriers repeat themselves.
CREATE TABLE inbound_texts (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  route       text        NOT NULL,
  channel     text        NOT NULL,
  address     text        NOT NULL,
  recipient   text        NOT NULL,
  body        text        NOT NULL,
  keyword     text,
  received_at timestamptz NOT NULL
);
CREATE INDEX inbound_texts_by_address ON inbound_texts (channel, address, id DESC);

-- Opt-outs heard here. Identity's ledger gets them by topic; until it has, this is where a gate that
-- lost its memory learns of them.
CREATE TABLE opt_outs (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  channel  text        NOT NULL,
  address  text        NOT NULL,
  customer uuid,
  message  uuid,
  means    text        NOT NULL,
  evidence text        NOT NULL,
  at       timestamptz NOT NULL
);
CREATE INDEX opt_outs_by_customer ON opt_outs (customer) WHERE customer IS NOT NULL;
CREATE INDEX opt_outs_by_address ON opt_outs (channel, address);
