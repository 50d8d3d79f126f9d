-- People manage their hardware: they claim a controller by the code on its box, accept and name its channels,
-- take devices out of use and bring them back, and put new hardware in the place of old.

ALTER TABLE devices ADD COLUMN icon text, ADD COLUMN retired_at timestamptz,
    ADD CONSTRAINT devices_icon_check CHECK (icon IN ('fan', 'heater', 'bulb', 'sun', 'feeder', 'pump', 'drop',
        'belt', 'thermometer', 'humidity', 'chart', 'sensor', 'power')),
    ADD CONSTRAINT devices_retired_check CHECK (retired_at IS NULL OR NOT is_active);
COMMENT ON COLUMN devices.icon IS 'Its picture, where that is not the one of its kind.';
COMMENT ON COLUMN devices.retired_at IS 'When a manager took it out of use; NULL while it is in use. What it sends is kept all the same.';
COMMENT ON COLUMN devices.is_active IS 'False while a manager has taken it out of use.';

ALTER TABLE nodes ADD COLUMN claim_expires_at timestamptz, ADD COLUMN replaced_by uuid REFERENCES nodes,
    ADD CONSTRAINT nodes_replaced_by_check CHECK (replaced_by <> id);
CREATE INDEX nodes_replaced_by_idx ON nodes (replaced_by);
COMMENT ON COLUMN nodes.claim_code IS 'What a manager types to claim the node. It stays when that is done, so that whoever types it again is told so; NULL if there never was one or the node was revoked.';
COMMENT ON COLUMN nodes.claim_expires_at IS 'When the claim code ends by itself; NULL: never.';
COMMENT ON COLUMN nodes.replaced_by IS 'The controller that has taken its place; NULL if none has.';

-- What managers write on pages. Codes, farms and places of hardware change by the functions below alone.
GRANT SELECT (replaced_by), UPDATE (password_hash) ON nodes TO tokkatot_app;
GRANT UPDATE (name, kind, icon, house_id, location, position, approved_at, is_active, retired_at) ON devices
    TO tokkatot_app;

-- A device that moves to another node leaves one behind: what is kept in memory of that is dropped too.
CREATE OR REPLACE FUNCTION announce_device() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    device uuid = CASE WHEN TG_TABLE_NAME = 'devices' THEN (to_jsonb(NEW) ->> 'id')::uuid
        ELSE (to_jsonb(NEW) ->> 'device_id')::uuid END;
    behind uuid = CASE WHEN TG_TABLE_NAME = 'devices' AND TG_OP = 'UPDATE'
        THEN (to_jsonb(OLD) ->> 'node_id')::uuid END;
BEGIN
    PERFORM pg_notify('tokkatot_devices', coalesce((
        SELECT n.name FROM devices d JOIN nodes n ON n.id = d.node_id WHERE d.id = device), ''));
    IF behind IS NOT NULL AND behind IS DISTINCT FROM (to_jsonb(NEW) ->> 'node_id')::uuid THEN
        PERFORM pg_notify('tokkatot_devices', n.name) FROM nodes n WHERE n.id = behind;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION announce_device() IS 'Trigger: tells tokkatot_devices whose node''s devices changed, and which node a device has left.';
CREATE OR REPLACE TRIGGER devices_announce_update
    AFTER UPDATE OF farm_id, device_id, name, type, is_active, deleted_at, node_id, house_id, channel,
        kind, approved_at, icon, location, position ON devices
    FOR EACH ROW WHEN (
        (OLD.farm_id, OLD.device_id, OLD.name, OLD.type, OLD.is_active, OLD.deleted_at, OLD.node_id,
            OLD.house_id, OLD.channel, OLD.kind, OLD.approved_at, OLD.icon, OLD.location, OLD.position)
        IS DISTINCT FROM
        (NEW.farm_id, NEW.device_id, NEW.name, NEW.type, NEW.is_active, NEW.deleted_at, NEW.node_id,
            NEW.house_id, NEW.channel, NEW.kind, NEW.approved_at, NEW.icon, NEW.location, NEW.position))
    EXECUTE FUNCTION announce_device();
CREATE OR REPLACE TRIGGER devices_touch
    BEFORE UPDATE OF farm_id, device_id, name, type, model, firmware_version, hardware_id, location,
        is_active, deleted_at, node_id, house_id, channel, kind, approved_at, position, icon, retired_at ON devices
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE FUNCTION may_edit_devices(farm uuid)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM my_farms mine
        JOIN farm_users m ON m.farm_id = mine.farm_id AND m.user_id = current_account()
            AND m.role IN ('manager', 'admin') AND m.is_active AND m.deleted_at IS NULL
        WHERE mine.farm_id = farm)
$$;
COMMENT ON FUNCTION may_edit_devices(uuid) IS 'Whether who is asking manages the hardware of a farm that this request names (domain: Permission::EditDevices).';
-- asked by the functions below alone
REVOKE EXECUTE ON FUNCTION may_edit_devices(uuid) FROM PUBLIC;

-- Nobody sees a node without a farm. Who types its code takes it, once: of two at the same time one waits.
CREATE FUNCTION claim_node(typed text, farm uuid, at timestamptz)
RETURNS TABLE (outcome text, node_id uuid, node_name text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found nodes;
BEGIN
    IF NOT may_edit_devices(farm) THEN
        RETURN;
    END IF;
    SELECT n.* INTO found FROM nodes n
        WHERE n.claim_code = typed AND n.revoked_at IS NULL AND n.deleted_at IS NULL
        FOR NO KEY UPDATE;
    IF found.id IS NULL THEN
        RETURN;
    ELSIF found.farm_id = farm THEN
        RETURN QUERY SELECT 'yours'::text, found.id, found.name;
    ELSIF found.farm_id IS NOT NULL THEN
        RETURN QUERY SELECT 'taken'::text, NULL::uuid, NULL::text;
    ELSIF found.claim_expires_at <= at THEN
        RETURN QUERY SELECT 'expired'::text, NULL::uuid, NULL::text;
    ELSE
        UPDATE nodes n SET farm_id = farm, claimed_at = at WHERE n.id = found.id;
        RETURN QUERY SELECT 'claimed'::text, found.id, found.name;
    END IF;
END
$$;
COMMENT ON FUNCTION claim_node(text, uuid, timestamptz) IS 'Makes a node a farm''s by its code: claimed, yours (it is already), taken (it is another''s) or expired; the node is told for the first two alone. No row if there is no such code, or who is asking may not.';

CREATE FUNCTION replace_node(old_node uuid, new_node uuid, at timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was nodes;
    will nodes;
BEGIN
    PERFORM FROM nodes n WHERE n.id IN (old_node, new_node) AND may_edit_devices(n.farm_id)
        ORDER BY n.id FOR NO KEY UPDATE;
    SELECT n.* INTO was FROM nodes n
        WHERE n.id = old_node AND n.deleted_at IS NULL AND may_edit_devices(n.farm_id);
    SELECT n.* INTO will FROM nodes n
        WHERE n.id = new_node AND n.id <> old_node AND n.deleted_at IS NULL AND n.farm_id = was.farm_id;
    IF was.id IS NULL OR will.id IS NULL THEN
        RETURN 'unknown';
    ELSIF was.replaced_by = will.id THEN
        RETURN 'again';
    ELSIF was.revoked_at IS NOT NULL OR will.revoked_at IS NOT NULL THEN
        RETURN 'unknown';
    ELSIF EXISTS (SELECT FROM devices d WHERE d.node_id = will.id AND d.deleted_at IS NULL AND d.approved_at IS NOT NULL) THEN
        RETURN 'occupied';
    END IF;
    PERFORM FROM devices d WHERE d.node_id IN (was.id, will.id) AND d.deleted_at IS NULL
        ORDER BY d.id FOR NO KEY UPDATE;
    -- what the new hardware has been heard of by now stands in for the devices that come to it
    UPDATE devices s SET deleted_at = at
        WHERE s.node_id = will.id AND s.deleted_at IS NULL AND EXISTS (SELECT FROM devices d
            WHERE d.node_id = was.id AND d.channel = s.channel AND d.deleted_at IS NULL);
    UPDATE devices d SET node_id = will.id, device_id = will.name || ':' || d.channel,
            -- serial numbers are unique only if their maker says the truth
            hardware_id = CASE WHEN EXISTS (SELECT FROM devices o WHERE o.deleted_at IS NULL
                    AND o.hardware_id = coalesce(will.serial, will.name) || ':' || d.channel)
                THEN will.id || ':' || d.channel
                ELSE coalesce(will.serial, will.name) || ':' || d.channel END,
            firmware_version = left(coalesce(will.firmware_version, 'unknown'), 20),
            is_online = will.is_online, last_heartbeat = will.last_seen_at,
            -- of the new hardware nothing is known but what it has said itself
            reported_state = s.reported_state, reported_value = s.reported_value,
            reported_cause = s.reported_cause, reported_since = s.reported_since,
            reported_at = s.reported_at, desired_state = NULL
        FROM devices o LEFT JOIN devices s
            ON s.node_id = will.id AND s.channel = o.channel AND s.deleted_at = at
        WHERE o.id = d.id AND d.node_id = was.id AND d.deleted_at IS NULL;
    UPDATE nodes n SET revoked_at = at, replaced_by = will.id, is_online = false, online_changed_at = at,
            claim_code = NULL
        WHERE n.id = was.id;
    RETURN 'replaced';
END
$$;
COMMENT ON FUNCTION replace_node(uuid, uuid, timestamptz) IS 'Moves all devices of a node to another one of the same farm, channel by channel, with their names and history, and shuts the old one out: replaced, again (it was done before), occupied (the other one has devices in use) or unknown.';

CREATE FUNCTION replace_device(device uuid, stand_in uuid, at timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was devices;
    will devices;
BEGIN
    PERFORM FROM devices d WHERE d.id IN (device, stand_in) AND may_edit_devices(d.farm_id)
        ORDER BY d.id FOR NO KEY UPDATE;
    SELECT d.* INTO was FROM devices d
        WHERE d.id = device AND d.is_active AND d.approved_at IS NOT NULL AND d.deleted_at IS NULL
            AND may_edit_devices(d.farm_id);
    SELECT d.* INTO will FROM devices d
        WHERE d.id = stand_in AND d.id <> device AND d.farm_id = was.farm_id AND d.approved_at IS NULL
            AND d.node_id IS NOT NULL;
    IF was.id IS NULL OR will.id IS NULL THEN
        RETURN 'unknown';
    ELSIF will.deleted_at IS NOT NULL THEN
        RETURN CASE WHEN was.device_id = will.device_id THEN 'again' ELSE 'unknown' END;
    ELSIF (was.type = 'sensor') <> (will.type = 'sensor') THEN
        RETURN 'unlike';
    END IF;
    UPDATE devices d SET deleted_at = at WHERE d.id = will.id;
    UPDATE devices d SET node_id = will.node_id, channel = will.channel, device_id = will.device_id,
            hardware_id = will.hardware_id, type = will.type, model = will.model,
            firmware_version = will.firmware_version, is_online = will.is_online,
            last_heartbeat = will.last_heartbeat, reported_state = will.reported_state,
            reported_value = will.reported_value, reported_cause = will.reported_cause,
            reported_since = will.reported_since, reported_at = will.reported_at, desired_state = NULL
        WHERE d.id = was.id;
    RETURN 'replaced';
END
$$;
COMMENT ON FUNCTION replace_device(uuid, uuid, timestamptz) IS 'Gives a device the place of a new one, which leaves the list: it keeps its name and its history: replaced, again (it was done before), unlike (one senses, the other switches) or unknown.';

CREATE FUNCTION node_runs(node uuid)
RETURNS TABLE (runs bigint, last_started_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*), max(b.first_seen_at) FROM node_boots b JOIN nodes n ON n.id = b.node_id
    WHERE b.node_id = node AND n.farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine))
$$;
COMMENT ON FUNCTION node_runs(uuid) IS 'How often a node of the request''s farms has started, and when it did last.';

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['claim_node(text, uuid, timestamptz)',
        'replace_node(uuid, uuid, timestamptz)', 'replace_device(uuid, uuid, timestamptz)',
        'node_runs(uuid)'] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tokkatot_app', signature);
    END LOOP;
END
$$;
