-- What servers keep in memory is dropped the moment it changes: channel tokkatot_nodes (credentials
-- and claims) and tokkatot_devices (devices, their configuration, their series), each with the node's
-- name, or nothing where there is no node. Signs of life and reports do not announce themselves.
CREATE FUNCTION announce_node() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    PERFORM pg_notify('tokkatot_nodes', NEW.name);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION announce_node() IS 'Trigger: tells tokkatot_nodes which node changed.';

CREATE TRIGGER nodes_announce_insert AFTER INSERT ON nodes
    FOR EACH ROW EXECUTE FUNCTION announce_node();
CREATE TRIGGER nodes_announce_update
    AFTER UPDATE OF name, password_hash, revoked_at, deleted_at, farm_id ON nodes
    FOR EACH ROW WHEN (
        (OLD.name, OLD.password_hash, OLD.revoked_at, OLD.deleted_at, OLD.farm_id)
        IS DISTINCT FROM (NEW.name, NEW.password_hash, NEW.revoked_at, NEW.deleted_at, NEW.farm_id))
    EXECUTE FUNCTION announce_node();

-- The security of the definer: the app may see neither every node nor its name.
CREATE FUNCTION announce_device() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    device uuid = CASE WHEN TG_TABLE_NAME = 'devices' THEN (to_jsonb(NEW) ->> 'id')::uuid
        ELSE (to_jsonb(NEW) ->> 'device_id')::uuid END;
BEGIN
    PERFORM pg_notify('tokkatot_devices', coalesce((
        SELECT n.name FROM devices d JOIN nodes n ON n.id = d.node_id WHERE d.id = device), ''));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION announce_device() IS 'Trigger: tells tokkatot_devices whose node''s devices changed.';
REVOKE EXECUTE ON FUNCTION announce_device() FROM PUBLIC;

CREATE TRIGGER devices_announce_insert AFTER INSERT ON devices
    FOR EACH ROW EXECUTE FUNCTION announce_device();
CREATE TRIGGER devices_announce_update
    AFTER UPDATE OF farm_id, device_id, name, type, is_active, deleted_at, node_id, house_id, channel,
        kind, approved_at ON devices
    FOR EACH ROW WHEN (
        (OLD.farm_id, OLD.device_id, OLD.name, OLD.type, OLD.is_active, OLD.deleted_at, OLD.node_id,
            OLD.house_id, OLD.channel, OLD.kind, OLD.approved_at)
        IS DISTINCT FROM
        (NEW.farm_id, NEW.device_id, NEW.name, NEW.type, NEW.is_active, NEW.deleted_at, NEW.node_id,
            NEW.house_id, NEW.channel, NEW.kind, NEW.approved_at))
    EXECUTE FUNCTION announce_device();
CREATE TRIGGER device_configs_announce_insert AFTER INSERT ON device_configs
    FOR EACH ROW EXECUTE FUNCTION announce_device();
CREATE TRIGGER device_configs_announce_update AFTER UPDATE ON device_configs
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION announce_device();
CREATE TRIGGER series_announce_insert AFTER INSERT ON series
    FOR EACH ROW EXECUTE FUNCTION announce_device();
CREATE TRIGGER series_announce_update AFTER UPDATE ON series
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION announce_device();
