-- The hardware: a node is a controller with one credential, a device is one of its channels, a house
-- is where the birds are.
CREATE TYPE bird_kind AS ENUM ('broiler', 'layer', 'local', 'other');
COMMENT ON TYPE bird_kind IS 'What kind of chicken a house holds.';
CREATE TYPE device_type AS ENUM ('gpio', 'relay', 'pwm', 'adc', 'servo', 'sensor');
COMMENT ON TYPE device_type IS 'The electrical type of a channel.';
CREATE TYPE device_kind AS ENUM ('fan', 'heater', 'lamp', 'light', 'feeder', 'pump', 'belt', 'valve',
    'climate', 'water_level', 'scale', 'other');
COMMENT ON TYPE device_kind IS 'What a farmer sees in a device: decides icon, command life, interlocks.';

CREATE TABLE nodes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid REFERENCES farms,
    name text NOT NULL,
    serial text,
    password_hash text NOT NULL,
    claim_code text,
    firmware_version text,
    is_online boolean NOT NULL DEFAULT false,
    online_changed_at timestamptz,
    last_seen_at timestamptz,
    heartbeat_interval_s integer NOT NULL DEFAULT 30,
    rssi_dbm integer,
    battery_pct integer,
    heap_free bigint,
    uptime_s bigint,
    revoked_at timestamptz,
    claimed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT nodes_name_key UNIQUE (name),
    CONSTRAINT nodes_claim_code_key UNIQUE (claim_code),
    CONSTRAINT nodes_name_check CHECK (name ~ '^[A-Za-z0-9_-]{1,50}$'),
    CONSTRAINT nodes_heartbeat_interval_s_check CHECK (heartbeat_interval_s > 0)
) WITH (fillfactor = 80);
CREATE INDEX nodes_farm_id_idx ON nodes (farm_id);
-- Signs of life come every few seconds and are no change of the row that anyone would look up.
CREATE TRIGGER nodes_touch
    BEFORE UPDATE OF farm_id, name, serial, password_hash, claim_code, firmware_version,
        heartbeat_interval_s, revoked_at, claimed_at, deleted_at ON nodes
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE nodes IS 'Physical controllers, each with one MQTT credential.';
COMMENT ON COLUMN nodes.id IS 'Identity.';
COMMENT ON COLUMN nodes.farm_id IS 'The farm it works for; NULL until it is claimed.';
COMMENT ON COLUMN nodes.name IS 'MQTT user name and second level of its topics; never used again for another node.';
COMMENT ON COLUMN nodes.serial IS 'Serial number of the hardware.';
COMMENT ON COLUMN nodes.password_hash IS 'Mosquitto''s $7$ string (PBKDF2-HMAC-SHA512) of its password.';
COMMENT ON COLUMN nodes.claim_code IS 'What a manager types to claim the node; NULL once claimed.';
COMMENT ON COLUMN nodes.firmware_version IS 'As its last heartbeat said.';
COMMENT ON COLUMN nodes.is_online IS 'Whether it can be reached: availability and heartbeat together.';
COMMENT ON COLUMN nodes.online_changed_at IS 'When is_online last changed.';
COMMENT ON COLUMN nodes.last_seen_at IS 'Last sign of life, by our clock; retained messages are none.';
COMMENT ON COLUMN nodes.heartbeat_interval_s IS 'Expected seconds between signs of life; offline after three of them, never under 60 s.';
COMMENT ON COLUMN nodes.rssi_dbm IS 'Strength of its radio signal in dBm, from the last heartbeat.';
COMMENT ON COLUMN nodes.battery_pct IS 'Charge of its battery in percent, from the last heartbeat.';
COMMENT ON COLUMN nodes.heap_free IS 'Free memory in bytes, from the last heartbeat.';
COMMENT ON COLUMN nodes.uptime_s IS 'Seconds since it started, from the last heartbeat.';
COMMENT ON COLUMN nodes.revoked_at IS 'When its credential was withdrawn.';
COMMENT ON COLUMN nodes.claimed_at IS 'When it was claimed for its farm.';
COMMENT ON COLUMN nodes.created_at IS 'When it was registered.';
COMMENT ON COLUMN nodes.updated_at IS 'When the row was last changed, signs of life aside.';
COMMENT ON COLUMN nodes.deleted_at IS 'When it was taken off the list.';

CREATE TABLE node_boots (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    node_id uuid NOT NULL REFERENCES nodes,
    boot text NOT NULL,
    acked_seq bigint,
    clock_offset_ms bigint,
    given_up bigint NOT NULL DEFAULT 0,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT node_boots_node_id_boot_key UNIQUE (node_id, boot)
) WITH (fillfactor = 50);
COMMENT ON TABLE node_boots IS 'Runs of a node between two power cuts: how far each is acknowledged, and how wrong its clock is.';
COMMENT ON COLUMN node_boots.id IS 'Identity, short because every reading carries it.';
COMMENT ON COLUMN node_boots.node_id IS 'The node.';
COMMENT ON COLUMN node_boots.boot IS 'The node''s own random name for the run.';
COMMENT ON COLUMN node_boots.acked_seq IS 'Everything up to this seq is durable and was acknowledged; NULL if nothing was.';
COMMENT ON COLUMN node_boots.clock_offset_ms IS 'Milliseconds added to all its times because its clock is wrong; NULL if it is right.';
COMMENT ON COLUMN node_boots.given_up IS 'How many messages the node dropped before they could be delivered.';
COMMENT ON COLUMN node_boots.first_seen_at IS 'When the run was first heard of.';

CREATE TABLE houses (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    name text NOT NULL,
    bird_kind bird_kind NOT NULL DEFAULT 'broiler',
    bird_count integer,
    placed_on date,
    position integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT houses_id_farm_id_key UNIQUE (id, farm_id),
    CONSTRAINT houses_bird_count_check CHECK (bird_count >= 0)
);
CREATE INDEX houses_farm_id_idx ON houses (farm_id);
CREATE TRIGGER houses_touch BEFORE UPDATE ON houses
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE houses IS 'Coops: where the birds live and the devices hang.';
COMMENT ON COLUMN houses.id IS 'Identity.';
COMMENT ON COLUMN houses.farm_id IS 'The farm it stands on.';
COMMENT ON COLUMN houses.name IS 'What it is called, in any script.';
COMMENT ON COLUMN houses.bird_kind IS 'What kind of chicken it holds.';
COMMENT ON COLUMN houses.bird_count IS 'How many birds were placed; NULL if it is not known.';
COMMENT ON COLUMN houses.placed_on IS 'Day 0 of the birds, in the farm''s zone; NULL while it is empty.';
COMMENT ON COLUMN houses.position IS 'Order on pages, smallest first.';
COMMENT ON COLUMN houses.created_at IS 'When it was added.';
COMMENT ON COLUMN houses.updated_at IS 'When the row was last changed.';
COMMENT ON COLUMN houses.deleted_at IS 'When it was taken off the list.';

CREATE TABLE devices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    device_id varchar(101) NOT NULL,
    name text NOT NULL,
    type device_type NOT NULL,
    model text,
    firmware_version varchar(20) NOT NULL,
    hardware_id text NOT NULL,
    location text,
    is_active boolean NOT NULL DEFAULT true,
    is_online boolean NOT NULL DEFAULT false,
    last_heartbeat timestamptz,
    last_command_status varchar(50),
    last_command_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    node_id uuid REFERENCES nodes,
    house_id uuid,
    channel text,
    kind device_kind NOT NULL DEFAULT 'other',
    approved_at timestamptz,
    reported_state text,
    reported_value double precision,
    reported_cause text,
    reported_since timestamptz,
    reported_at timestamptz,
    desired_state text,
    position integer NOT NULL DEFAULT 0,
    -- Who refers to a device or a house names its farm too: no row can reach across farms.
    CONSTRAINT devices_id_farm_id_key UNIQUE (id, farm_id),
    CONSTRAINT devices_house_id_fkey FOREIGN KEY (house_id, farm_id) REFERENCES houses (id, farm_id),
    CONSTRAINT devices_device_id_check CHECK (device_id ~ '^[A-Za-z0-9_-]{1,50}(:[A-Za-z0-9_-]{1,50})?$'),
    CONSTRAINT devices_channel_check CHECK (channel ~ '^[A-Za-z0-9_-]{1,50}$'),
    CONSTRAINT devices_node_channel_check CHECK ((node_id IS NULL) = (channel IS NULL))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX devices_device_id_key ON devices (device_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX devices_hardware_id_key ON devices (hardware_id) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX devices_node_id_channel_key ON devices (node_id, channel) WHERE deleted_at IS NULL;
CREATE INDEX devices_farm_id_idx ON devices (farm_id);
CREATE INDEX devices_node_id_idx ON devices (node_id);
CREATE INDEX devices_house_id_idx ON devices (house_id);
CREATE INDEX devices_is_active_idx ON devices (is_active);
CREATE INDEX devices_is_online_idx ON devices (is_online);
CREATE TRIGGER devices_touch
    BEFORE UPDATE OF farm_id, device_id, name, type, model, firmware_version, hardware_id, location,
        is_active, deleted_at, node_id, house_id, channel, kind, approved_at, position ON devices
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE devices IS 'Channels of nodes: a fan, a lamp, a pair of sensors.';
COMMENT ON COLUMN devices.id IS 'Identity; what URLs and the live stream use.';
COMMENT ON COLUMN devices.farm_id IS 'The farm; a node that moves gets new devices there.';
COMMENT ON COLUMN devices.device_id IS 'Hardware name node:channel, unique among the living in the whole installation.';
COMMENT ON COLUMN devices.name IS 'What the farmer calls it; at first its channel.';
COMMENT ON COLUMN devices.type IS 'Electrical type of the channel.';
COMMENT ON COLUMN devices.model IS 'Hardware model, such as ESP32-WROOM-32.';
COMMENT ON COLUMN devices.firmware_version IS 'Firmware of its node when it was last told; "unknown" before.';
COMMENT ON COLUMN devices.hardware_id IS 'serial:channel of the hardware, unique among the living.';
COMMENT ON COLUMN devices.location IS 'Where it hangs, in words.';
COMMENT ON COLUMN devices.is_active IS 'False while the farmer has put it out of use.';
COMMENT ON COLUMN devices.is_online IS 'Whether its node can be reached.';
COMMENT ON COLUMN devices.last_heartbeat IS 'Last sign of life of its node, by our clock.';
COMMENT ON COLUMN devices.last_command_status IS 'How the last command ended: success, failed or timeout.';
COMMENT ON COLUMN devices.last_command_at IS 'When the last command ended.';
COMMENT ON COLUMN devices.created_at IS 'When it was first heard of or added.';
COMMENT ON COLUMN devices.updated_at IS 'When the row was last changed, signs of life and reports aside.';
COMMENT ON COLUMN devices.deleted_at IS 'When it was taken off the list; its history stays.';
COMMENT ON COLUMN devices.node_id IS 'The controller it belongs to; NULL if it has none.';
COMMENT ON COLUMN devices.house_id IS 'The house it hangs in; NULL if it serves the whole farm.';
COMMENT ON COLUMN devices.channel IS 'Its name on the node, as in messages; NULL without a node.';
COMMENT ON COLUMN devices.kind IS 'What the farmer sees in it.';
COMMENT ON COLUMN devices.approved_at IS 'When a manager accepted it; NULL: a new device, not yet on pages.';
COMMENT ON COLUMN devices.reported_state IS 'What it last said of itself, such as on or off.';
COMMENT ON COLUMN devices.reported_value IS 'The number that came with the state: percent of a pwm, degrees of a servo.';
COMMENT ON COLUMN devices.reported_cause IS 'Why it is so, in the device''s words: command, button, timer, safety …';
COMMENT ON COLUMN devices.reported_since IS 'Since when it has been so, by the corrected time of the device.';
COMMENT ON COLUMN devices.reported_at IS 'When it said so, by the corrected time of the device.';
COMMENT ON COLUMN devices.desired_state IS 'What was last asked of it.';
COMMENT ON COLUMN devices.position IS 'Order on pages, smallest first.';

CREATE TABLE device_configs (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    device_id uuid NOT NULL,
    parameter_name text NOT NULL,
    parameter_value jsonb NOT NULL,
    unit varchar(20),
    min_value numeric(10, 2),
    max_value numeric(10, 2),
    is_calibrated boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    farm_id uuid NOT NULL REFERENCES farms,
    CONSTRAINT device_configs_device_id_fkey
        FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    CONSTRAINT device_configs_min_max_check CHECK (min_value <= max_value)
);
CREATE UNIQUE INDEX device_configs_device_id_parameter_name_key
    ON device_configs (device_id, parameter_name) WHERE deleted_at IS NULL;
CREATE INDEX device_configs_device_id_idx ON device_configs (device_id);
CREATE INDEX device_configs_farm_id_idx ON device_configs (farm_id);
CREATE TRIGGER device_configs_touch BEFORE UPDATE ON device_configs
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE device_configs IS 'Settings of a device: thresholds, polling, calibration. An older value is a deleted row.';
COMMENT ON COLUMN device_configs.id IS 'Identity.';
COMMENT ON COLUMN device_configs.device_id IS 'The device.';
COMMENT ON COLUMN device_configs.parameter_name IS 'What is set, such as temp_threshold_high.';
COMMENT ON COLUMN device_configs.parameter_value IS 'The value: a number, or an object such as {"a": 1.02, "b": -0.4}.';
COMMENT ON COLUMN device_configs.unit IS 'Unit of the value, such as °C.';
COMMENT ON COLUMN device_configs.min_value IS 'Smallest value that may be set, in unit.';
COMMENT ON COLUMN device_configs.max_value IS 'Largest value that may be set, in unit.';
COMMENT ON COLUMN device_configs.is_calibrated IS 'Whether the value was measured on this very device.';
COMMENT ON COLUMN device_configs.created_at IS 'Since when it holds.';
COMMENT ON COLUMN device_configs.updated_at IS 'When the row was last changed.';
COMMENT ON COLUMN device_configs.deleted_at IS 'Until when it held.';
COMMENT ON COLUMN device_configs.farm_id IS 'The device''s farm.';
