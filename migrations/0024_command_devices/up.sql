-- What is needed to tell devices what to do: the outbox's own order and stages, who is stopped, what must be
-- kept, what is held by hand, and what was really switched.

CREATE TYPE link_loss AS ENUM ('hold', 'off', 'on');
COMMENT ON TYPE link_loss IS 'What a device does by itself when its node has lost the broker.';

CREATE TABLE emergency_stops (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    house_id uuid,
    includes_fans boolean NOT NULL,
    pressed_by uuid NOT NULL REFERENCES users,
    pressed_at timestamptz NOT NULL DEFAULT now(),
    released_by uuid REFERENCES users,
    released_at timestamptz,
    CONSTRAINT emergency_stops_id_farm_id_key UNIQUE (id, farm_id),
    CONSTRAINT emergency_stops_house_id_fkey FOREIGN KEY (house_id, farm_id) REFERENCES houses (id, farm_id),
    CONSTRAINT emergency_stops_released_check
        CHECK (num_nonnulls(released_by, released_at) <> 1 AND released_at >= pressed_at)
);
CREATE INDEX emergency_stops_farm_id_idx ON emergency_stops (farm_id);
CREATE INDEX emergency_stops_house_id_idx ON emergency_stops (house_id);
CREATE INDEX emergency_stops_pressed_by_idx ON emergency_stops (pressed_by);
CREATE INDEX emergency_stops_released_by_idx ON emergency_stops (released_by);
CREATE UNIQUE INDEX emergency_stops_standing_key ON emergency_stops (farm_id, house_id, includes_fans)
    NULLS NOT DISTINCT WHERE released_at IS NULL;
COMMENT ON TABLE emergency_stops IS 'Pressed emergency stops. While one stands, nothing it holds is switched on by anybody.';
COMMENT ON COLUMN emergency_stops.id IS 'Identity, given by the first tap.';
COMMENT ON COLUMN emergency_stops.farm_id IS 'The farm.';
COMMENT ON COLUMN emergency_stops.house_id IS 'The house; NULL is the whole farm.';
COMMENT ON COLUMN emergency_stops.includes_fans IS 'Whether fans stand still too.';
COMMENT ON COLUMN emergency_stops.pressed_by IS 'Who pressed it.';
COMMENT ON COLUMN emergency_stops.pressed_at IS 'When it was pressed.';
COMMENT ON COLUMN emergency_stops.released_by IS 'The manager who let the farm go on; NULL while it stands.';
COMMENT ON COLUMN emergency_stops.released_at IS 'When the farm was let go on; NULL while it stands.';

CREATE TABLE interlocks (
    device_id uuid PRIMARY KEY,
    farm_id uuid NOT NULL REFERENCES farms,
    max_on_s integer,
    min_on_s integer,
    min_off_s integer,
    max_starts_per_hour integer,
    exclusive_group text,
    excludes_heat_and_cooling boolean NOT NULL DEFAULT true,
    on_link_loss link_loss NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT interlocks_device_id_fkey FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    CONSTRAINT interlocks_max_on_s_check CHECK (max_on_s BETWEEN 1 AND 86400),
    CONSTRAINT interlocks_min_on_s_check CHECK (min_on_s BETWEEN 1 AND 86400 AND (min_on_s <= max_on_s) IS NOT FALSE),
    CONSTRAINT interlocks_min_off_s_check CHECK (min_off_s BETWEEN 1 AND 86400),
    CONSTRAINT interlocks_max_starts_per_hour_check CHECK (max_starts_per_hour BETWEEN 1 AND 60),
    CONSTRAINT interlocks_exclusive_group_check CHECK (char_length(exclusive_group) BETWEEN 1 AND 50)
);
CREATE INDEX interlocks_farm_id_idx ON interlocks (farm_id);
CREATE TRIGGER interlocks_touch BEFORE UPDATE ON interlocks
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER interlocks_announce_insert AFTER INSERT ON interlocks
    FOR EACH ROW EXECUTE FUNCTION announce_device();
CREATE TRIGGER interlocks_announce_update AFTER UPDATE ON interlocks
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION announce_device();
COMMENT ON TABLE interlocks IS 'What a device must keep to, whoever switches it. Without a row the usual for its kind holds.';
COMMENT ON COLUMN interlocks.device_id IS 'The device.';
COMMENT ON COLUMN interlocks.farm_id IS 'The device''s farm.';
COMMENT ON COLUMN interlocks.max_on_s IS 'Longest time it may run, in seconds; then it is switched off.';
COMMENT ON COLUMN interlocks.min_on_s IS 'Shortest time it must run, in seconds.';
COMMENT ON COLUMN interlocks.min_off_s IS 'Shortest time it must rest, in seconds.';
COMMENT ON COLUMN interlocks.max_starts_per_hour IS 'How often it may start within an hour.';
COMMENT ON COLUMN interlocks.exclusive_group IS 'Nothing else of this group runs on the farm at the same time.';
COMMENT ON COLUMN interlocks.excludes_heat_and_cooling IS 'Whether it, a heater or a fan, may not run beside its counterpart in the house.';
COMMENT ON COLUMN interlocks.on_link_loss IS 'What it does by itself when its node has lost the broker.';
COMMENT ON COLUMN interlocks.created_at IS 'When it was first set.';
COMMENT ON COLUMN interlocks.updated_at IS 'When the row was last changed.';

CREATE TABLE overrides (
    device_id uuid PRIMARY KEY,
    farm_id uuid NOT NULL REFERENCES farms,
    action text NOT NULL,
    value double precision,
    set_by uuid NOT NULL REFERENCES users,
    began_at timestamptz NOT NULL DEFAULT now(),
    until_at timestamptz NOT NULL,
    ended_at timestamptz,
    CONSTRAINT overrides_device_id_fkey FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    CONSTRAINT overrides_action_check CHECK (action IN ('on', 'off', 'set_value', 'set_angle')
        AND (value IS NOT NULL) = (action IN ('set_value', 'set_angle'))),
    CONSTRAINT overrides_until_at_check CHECK (until_at > began_at)
) WITH (fillfactor = 80);
CREATE INDEX overrides_farm_id_idx ON overrides (farm_id);
CREATE INDEX overrides_set_by_idx ON overrides (set_by);
CREATE INDEX overrides_until_at_idx ON overrides (until_at) WHERE ended_at IS NULL;
COMMENT ON TABLE overrides IS 'The last time a person took each device from automation. It holds until until_at, or until it is ended.';
COMMENT ON COLUMN overrides.device_id IS 'The device.';
COMMENT ON COLUMN overrides.farm_id IS 'The device''s farm.';
COMMENT ON COLUMN overrides.action IS 'What was set: on, off, set_value, set_angle.';
COMMENT ON COLUMN overrides.value IS 'Percent of set_value, degrees of set_angle.';
COMMENT ON COLUMN overrides.set_by IS 'Who set it.';
COMMENT ON COLUMN overrides.began_at IS 'When it was set.';
COMMENT ON COLUMN overrides.until_at IS 'When automation takes over by itself.';
COMMENT ON COLUMN overrides.ended_at IS 'When it ended, by time, by a person or by an emergency stop; NULL while it holds.';

CREATE TABLE switchings (
    device_id uuid NOT NULL,
    farm_id uuid NOT NULL REFERENCES farms,
    at timestamptz NOT NULL,
    is_on boolean NOT NULL,
    cause text,
    noted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT switchings_pkey PRIMARY KEY (device_id, at),
    CONSTRAINT switchings_device_id_fkey FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id)
);
CREATE INDEX switchings_farm_id_at_idx ON switchings (farm_id, at);
COMMENT ON TABLE switchings IS 'What devices really switched, as they reported it: one row for each change between on and off.';
COMMENT ON COLUMN switchings.device_id IS 'The device.';
COMMENT ON COLUMN switchings.farm_id IS 'The device''s farm.';
COMMENT ON COLUMN switchings.at IS 'When it switched, by the corrected time of the device.';
COMMENT ON COLUMN switchings.is_on IS 'Whether it runs since then.';
COMMENT ON COLUMN switchings.cause IS 'Why, in the device''s words.';
COMMENT ON COLUMN switchings.noted_at IS 'When the row was made.';

-- The outbox. "place" is the order in which a device's commands were asked for.
ALTER TABLE device_commands
    ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN wish text,
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN attempted_at timestamptz,
    ADD COLUMN executing_at timestamptz,
    ADD COLUMN due_at timestamptz,
    ADD COLUMN stop_id uuid,
    ADD CONSTRAINT device_commands_stop_id_fkey
        FOREIGN KEY (stop_id, farm_id) REFERENCES emergency_stops (id, farm_id);
CREATE INDEX device_commands_stop_id_idx ON device_commands (stop_id);
CREATE INDEX device_commands_device_id_place_idx ON device_commands (device_id, place);
DROP INDEX device_commands_device_id_idx;
CREATE INDEX device_commands_open_idx ON device_commands (device_id, place)
    WHERE status IN ('queued', 'sent', 'executing');
CREATE INDEX device_commands_waiting_idx ON device_commands (place)
    WHERE status = 'queued' AND attempted_at IS NULL;
CREATE INDEX device_commands_given_up_idx ON device_commands (coalesce(due_at, expires_at))
    WHERE status IN ('queued', 'sent', 'executing');
CREATE UNIQUE INDEX device_commands_in_flight_key ON device_commands (device_id)
    WHERE status IN ('queued', 'sent', 'executing') AND attempted_at IS NOT NULL;
COMMENT ON COLUMN device_commands.status IS 'How far it has come, as people are told.';
COMMENT ON COLUMN device_commands.reason IS 'Why it ended as it did, unless it is simply done: expired, no_answer, superseded, cancelled, interlocked, stopped, forbidden, refused, disagrees.';
COMMENT ON COLUMN device_commands.place IS 'The order in which commands were asked for.';
COMMENT ON COLUMN device_commands.wish IS 'What was tapped, such as toggle; NULL where nobody tapped.';
COMMENT ON COLUMN device_commands.attempts IS 'How often it was handed to the broker, or was about to be.';
COMMENT ON COLUMN device_commands.attempted_at IS 'When it was last handed to the broker, or was about to be; NULL while it waits. Then, and until it ends, it is in flight: one per device.';
COMMENT ON COLUMN device_commands.executing_at IS 'When the device said that it has heard.';
COMMENT ON COLUMN device_commands.due_at IS 'When waiting for what comes next is given up; NULL while it is not in flight.';
COMMENT ON COLUMN device_commands.stop_id IS 'The emergency stop that asked for it.';

-- Which of those that run have run long enough is asked every second.
CREATE INDEX devices_running_idx ON devices (id) WHERE reported_state = 'on';

CREATE FUNCTION announce_commands() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    PERFORM pg_notify('tokkatot_commands', farm_id::text) FROM (SELECT DISTINCT farm_id FROM added) AS farms;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION announce_commands() IS 'Trigger: tells tokkatot_commands on which farms there is something to do.';
CREATE TRIGGER device_commands_announce AFTER INSERT ON device_commands
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION announce_commands();

DO $$
DECLARE
    farm_table text;
BEGIN
    FOREACH farm_table IN ARRAY ARRAY['emergency_stops', 'interlocks', 'overrides', 'switchings'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', farm_table);
        EXECUTE format('CREATE POLICY worker ON %I TO tokkatot_worker USING (true)', farm_table);
        EXECUTE format('CREATE POLICY app ON %I TO tokkatot_app
            USING (farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine)))', farm_table);
    END LOOP;
END
$$;
GRANT SELECT ON emergency_stops, interlocks, overrides, switchings TO tokkatot_app, tokkatot_worker;
GRANT INSERT (id, farm_id, device_id, command_type, command_params, requested_by, status, requested_at,
        created_at, source, expires_at, wish, stop_id),
    UPDATE (status, reason, completed_at, due_at) ON device_commands TO tokkatot_app;
GRANT UPDATE (desired_state) ON devices TO tokkatot_app;
GRANT INSERT (id, farm_id, house_id, includes_fans, pressed_by, pressed_at),
    UPDATE (released_by, released_at) ON emergency_stops TO tokkatot_app;
GRANT INSERT (device_id, farm_id, action, value, set_by, began_at, until_at, ended_at),
    UPDATE (action, value, set_by, began_at, until_at, ended_at) ON overrides TO tokkatot_app;
GRANT INSERT (device_id, farm_id, max_on_s, min_on_s, min_off_s, max_starts_per_hour, exclusive_group,
        excludes_heat_and_cooling, on_link_loss, created_at),
    UPDATE (max_on_s, min_on_s, min_off_s, max_starts_per_hour, exclusive_group, excludes_heat_and_cooling,
        on_link_loss) ON interlocks TO tokkatot_app;
GRANT INSERT, UPDATE ON device_commands TO tokkatot_worker;
GRANT INSERT ON switchings TO tokkatot_worker;
GRANT UPDATE (ended_at) ON overrides TO tokkatot_worker;
