-- Whether an output is only switched, dimmed or turned is nothing that hardware tells by itself: managers say it.
GRANT UPDATE (type) ON devices TO tokkatot_app;

-- On-times and starts are those of the hardware that ran: the old one's end with it.
CREATE FUNCTION end_run(device uuid, at timestamptz) RETURNS void
LANGUAGE sql SET search_path = public, pg_temp AS $$
    INSERT INTO switchings (device_id, farm_id, at, is_on, cause)
    SELECT d.id, d.farm_id, greatest(end_run.at, last.at + interval '1 microsecond'), false, 'replaced'
    FROM devices d CROSS JOIN LATERAL (
        SELECT s.at, s.is_on FROM switchings s WHERE s.device_id = d.id ORDER BY s.at DESC LIMIT 1) last
    WHERE d.id = end_run.device AND last.is_on
$$;
COMMENT ON FUNCTION end_run(uuid, timestamptz) IS 'Notes that what a device ran on ran no longer, if it did: its hardware was replaced. Asked by the functions below alone.';
REVOKE EXECUTE ON FUNCTION end_run(uuid, timestamptz) FROM PUBLIC;

CREATE OR REPLACE FUNCTION replace_node(old_node uuid, new_node uuid, at timestamptz)
RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was nodes;
    will nodes;
    moved uuid[];
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
    END IF;
    PERFORM FROM devices d WHERE d.node_id IN (was.id, will.id) AND d.deleted_at IS NULL
        ORDER BY d.id FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM devices d WHERE d.node_id = will.id AND d.deleted_at IS NULL AND d.is_active
            AND d.approved_at IS NOT NULL) THEN
        RETURN 'occupied';
    END IF;
    moved := ARRAY(SELECT d.id FROM devices d WHERE d.node_id = was.id AND d.deleted_at IS NULL);
    -- what the new hardware has been heard of by now, and what of it is out of use, stands in for the devices that
    -- come to it
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
    PERFORM end_run(d.id, at) FROM unnest(moved) d (id);
    UPDATE nodes n SET revoked_at = at, replaced_by = will.id, is_online = false, online_changed_at = at,
            claim_code = NULL
        WHERE n.id = was.id;
    RETURN 'replaced';
END
$$;
COMMENT ON FUNCTION replace_node(uuid, uuid, timestamptz) IS 'Moves all devices of a node to another one of the same farm, channel by channel, with their names and history, and shuts the old one out: replaced, again (it was done before), occupied (the other one has devices in use) or unknown.';

CREATE OR REPLACE FUNCTION replace_device(device uuid, stand_in uuid, at timestamptz)
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
            hardware_id = will.hardware_id,
            -- whether a switch is dimmed or turned somebody has said of the device
            type = CASE WHEN was.type = 'sensor' OR was.type = 'adc' THEN will.type ELSE was.type END, model = will.model,
            firmware_version = will.firmware_version, is_online = will.is_online,
            last_heartbeat = will.last_heartbeat, reported_state = will.reported_state,
            reported_value = will.reported_value, reported_cause = will.reported_cause,
            reported_since = will.reported_since, reported_at = will.reported_at, desired_state = NULL
        WHERE d.id = was.id;
    PERFORM end_run(was.id, at);
    RETURN 'replaced';
END
$$;
COMMENT ON FUNCTION replace_device(uuid, uuid, timestamptz) IS 'Gives a device the place of a new one, which leaves the list: it keeps its name and its history: replaced, again (it was done before), unlike (one senses, the other switches) or unknown.';
