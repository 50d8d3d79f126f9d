-- What the sensors say. Laid out for the cheapest insert: a slim natural key, 8-byte columns first, no
-- foreign keys on the raw table, and day partitions that are dropped whole.
CREATE SEQUENCE readings_batch_id AS bigint;
COMMENT ON SEQUENCE readings_batch_id IS 'Numbers the ingester''s commits.';

CREATE TABLE series (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    farm_id uuid NOT NULL REFERENCES farms,
    device_id uuid NOT NULL,
    sensor text NOT NULL,
    unit text NOT NULL,
    interval_s integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT series_device_id_sensor_key UNIQUE (device_id, sensor),
    CONSTRAINT series_device_id_fkey FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    CONSTRAINT series_sensor_check CHECK (sensor ~ '^[a-z0-9_]{1,50}$'),
    CONSTRAINT series_interval_s_check CHECK (interval_s > 0)
);
CREATE INDEX series_farm_id_idx ON series (farm_id);
COMMENT ON TABLE series IS 'One sensor quantity of one device: what a reading belongs to.';
COMMENT ON COLUMN series.id IS 'Identity, short because every reading carries it.';
COMMENT ON COLUMN series.farm_id IS 'The device''s farm.';
COMMENT ON COLUMN series.device_id IS 'The device that measures.';
COMMENT ON COLUMN series.sensor IS 'The quantity, such as temperature.';
COMMENT ON COLUMN series.unit IS 'The one unit its values are stored in, such as °C.';
COMMENT ON COLUMN series.interval_s IS 'Expected seconds between readings; NULL until it is known.';
COMMENT ON COLUMN series.created_at IS 'When it was first heard of.';

CREATE TABLE readings (
    ts timestamptz NOT NULL,
    value double precision NOT NULL,
    value_raw double precision,
    seq bigint,
    batch_id bigint NOT NULL,
    device_ts timestamptz,
    series_id integer NOT NULL,
    boot_id integer,
    quality smallint NOT NULL DEFAULT 0,
    CONSTRAINT readings_pkey PRIMARY KEY (series_id, ts),
    CONSTRAINT readings_quality_check CHECK (quality BETWEEN 0 AND 3)
) PARTITION BY RANGE (ts);
CREATE INDEX readings_batch_id_idx ON readings USING brin (batch_id) WITH (autosummarize = on);
CREATE TABLE readings_default PARTITION OF readings DEFAULT;
COMMENT ON TABLE readings IS 'Raw readings, one partition per UTC day. Read them through the view sensor_readings.';
COMMENT ON TABLE readings_default IS 'Readings of days that had no partition when they came.';
COMMENT ON COLUMN readings.ts IS 'When it was measured: the device''s time, corrected by its boot''s offset.';
COMMENT ON COLUMN readings.value IS 'The value in the series'' unit, calibrated.';
COMMENT ON COLUMN readings.value_raw IS 'What the sensor said; NULL where calibration changed nothing.';
COMMENT ON COLUMN readings.seq IS 'The message''s number within its boot; NULL if it had none.';
COMMENT ON COLUMN readings.batch_id IS 'The commit it came with, counting up: the offset of whoever copies readings in order.';
COMMENT ON COLUMN readings.device_ts IS 'The device''s own time; NULL where ts is just that.';
COMMENT ON COLUMN readings.series_id IS 'The series (series.id).';
COMMENT ON COLUMN readings.boot_id IS 'The node''s run (node_boots.id); NULL if it named none.';
COMMENT ON COLUMN readings.quality IS '0 good, 1 estimated, 2 interpolated, 3 suspect.';

CREATE TABLE latest_readings (
    ts timestamptz NOT NULL,
    value double precision NOT NULL,
    value_raw double precision,
    received_at timestamptz NOT NULL,
    series_id integer PRIMARY KEY,
    quality smallint NOT NULL DEFAULT 0
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);
COMMENT ON TABLE latest_readings IS 'The newest reading of each series by ts. No second index, so that updates stay in the page.';
COMMENT ON COLUMN latest_readings.ts IS 'When it was measured; only grows.';
COMMENT ON COLUMN latest_readings.value IS 'The value in the series'' unit, calibrated.';
COMMENT ON COLUMN latest_readings.value_raw IS 'What the sensor said; NULL where calibration changed nothing.';
COMMENT ON COLUMN latest_readings.received_at IS 'When we received it.';
COMMENT ON COLUMN latest_readings.series_id IS 'The series (series.id).';
COMMENT ON COLUMN latest_readings.quality IS '0 good, 1 estimated, 2 interpolated, 3 suspect.';

CREATE TABLE quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL,
    topic text NOT NULL,
    node text,
    reason text NOT NULL,
    detail text,
    payload bytea NOT NULL,
    size integer NOT NULL,
    sha256 bytea NOT NULL,
    CONSTRAINT quarantine_reason_check CHECK (reason ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT quarantine_payload_check CHECK (octet_length(payload) <= 4096),
    CONSTRAINT quarantine_sha256_check CHECK (octet_length(sha256) = 32)
);
CREATE INDEX quarantine_received_at_idx ON quarantine USING brin (received_at)
    WITH (autosummarize = on);
COMMENT ON TABLE quarantine IS 'Messages that could not be taken, and why.';
COMMENT ON COLUMN quarantine.id IS 'Identity.';
COMMENT ON COLUMN quarantine.received_at IS 'When it came.';
COMMENT ON COLUMN quarantine.topic IS 'The topic it came on; what is no UTF-8 was replaced.';
COMMENT ON COLUMN quarantine.node IS 'The node''s name from the topic, if it could be read.';
COMMENT ON COLUMN quarantine.reason IS 'A short code in kebab case, such as bad-json; the metric''s label too.';
COMMENT ON COLUMN quarantine.detail IS 'What exactly was wrong, in English.';
COMMENT ON COLUMN quarantine.payload IS 'The first 4096 bytes of the message.';
COMMENT ON COLUMN quarantine.size IS 'The message''s whole size in bytes.';
COMMENT ON COLUMN quarantine.sha256 IS 'SHA-256 of the whole message.';

CREATE TABLE leases (
    name text PRIMARY KEY,
    holder text NOT NULL,
    epoch bigint NOT NULL,
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE leases IS 'Who holds what only one server may do at a time.';
COMMENT ON COLUMN leases.name IS 'The duty, such as ingest.';
COMMENT ON COLUMN leases.holder IS 'The server that holds it.';
COMMENT ON COLUMN leases.epoch IS 'Counts the changes of holder; an older holder can tell that it lost.';
COMMENT ON COLUMN leases.expires_at IS 'When another may take it, unless it is renewed before.';
