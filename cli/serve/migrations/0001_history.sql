-- One text for SQLite and PostgreSQL: whole numbers are BIGINT, keys and signatures base58, an event's bytes base64 as in its logs.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- A transaction that a fork dropped stays, retracted; it may land again in another slot.
CREATE TABLE tx (
    id BIGINT NOT NULL PRIMARY KEY,
    signature TEXT NOT NULL,
    slot BIGINT NOT NULL,
    tx_index BIGINT,
    is_final BIGINT NOT NULL,
    is_retracted BIGINT NOT NULL
);
CREATE UNIQUE INDEX tx_signature ON tx (signature) WHERE is_retracted = 0;
CREATE INDEX tx_not_final ON tx (slot) WHERE is_final = 0 AND is_retracted = 0;

-- Rows are only ever appended, with positions 1, 2, 3 ... A retraction is a row that repeats the event and names its row.
CREATE TABLE event (
    position BIGINT NOT NULL PRIMARY KEY,
    tx BIGINT NOT NULL REFERENCES tx (id),
    place BIGINT NOT NULL,
    slot BIGINT NOT NULL,
    tx_index BIGINT NOT NULL,
    time BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    address TEXT NOT NULL,
    code TEXT,
    contributor TEXT NOT NULL,
    generation BIGINT NOT NULL,
    sequence BIGINT NOT NULL,
    data TEXT NOT NULL,
    retracts BIGINT REFERENCES event (position)
);
CREATE UNIQUE INDEX event_place ON event (tx, place) WHERE retracts IS NULL;
CREATE INDEX event_order ON event (slot, tx_index, tx, place);
CREATE INDEX event_address ON event (address, slot, tx_index, tx, place);
-- Where registrations of devices begin and end: DeviceCreated and DeviceRemoved.
CREATE INDEX event_boundary ON event (address) WHERE kind IN (13, 20);
CREATE INDEX event_code ON event (code, slot, tx_index, tx, place);

CREATE VIEW entry AS
    SELECT event.*, tx.signature, tx.tx_index AS known_index, tx.is_final, tx.is_retracted
    FROM event JOIN tx ON tx.id = event.tx;
CREATE VIEW live AS
    SELECT * FROM entry WHERE retracts IS NULL AND is_retracted = 0;

CREATE TABLE cursor (
    finality TEXT NOT NULL PRIMARY KEY,
    slot BIGINT NOT NULL,
    value TEXT NOT NULL
);

CREATE TABLE lost_range (
    address TEXT NOT NULL,
    contributor TEXT NOT NULL,
    generation BIGINT NOT NULL,
    first BIGINT NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (address, contributor, generation, first)
);

CREATE TABLE dead_letter (
    signature TEXT NOT NULL PRIMARY KEY,
    slot BIGINT NOT NULL,
    reason TEXT NOT NULL
);
