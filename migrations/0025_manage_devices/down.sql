DROP FUNCTION node_runs(uuid);
DROP FUNCTION replace_device(uuid, uuid, timestamptz);
DROP FUNCTION replace_node(uuid, uuid, timestamptz);
DROP FUNCTION claim_node(text, uuid, timestamptz);
DROP FUNCTION may_edit_devices(uuid);

CREATE OR REPLACE TRIGGER devices_touch
    BEFORE UPDATE OF farm_id, device_id, name, type, model, firmware_version, hardware_id, location,
        is_active, deleted_at, node_id, house_id, channel, kind, approved_at, position ON devices
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE OR REPLACE TRIGGER devices_announce_update
    AFTER UPDATE OF farm_id, device_id, name, type, is_active, deleted_at, node_id, house_id, channel,
        kind, approved_at ON devices
    FOR EACH ROW WHEN (
        (OLD.farm_id, OLD.device_id, OLD.name, OLD.type, OLD.is_active, OLD.deleted_at, OLD.node_id,
            OLD.house_id, OLD.channel, OLD.kind, OLD.approved_at)
        IS DISTINCT FROM
        (NEW.farm_id, NEW.device_id, NEW.name, NEW.type, NEW.is_active, NEW.deleted_at, NEW.node_id,
            NEW.house_id, NEW.channel, NEW.kind, NEW.approved_at))
    EXECUTE FUNCTION announce_device();
CREATE OR REPLACE FUNCTION announce_device() RETURNS trigger
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

REVOKE UPDATE (name, kind, icon, house_id, location, position, approved_at, is_active, retired_at) ON devices
    FROM tokkatot_app;
REVOKE SELECT (replaced_by), UPDATE (password_hash) ON nodes FROM tokkatot_app;

-- the release before this one takes a code that is there for one that nobody has used
UPDATE nodes SET claim_code = NULL WHERE farm_id IS NOT NULL;
ALTER TABLE nodes DROP COLUMN replaced_by, DROP COLUMN claim_expires_at;
COMMENT ON COLUMN nodes.claim_code IS 'What a manager types to claim the node; NULL once claimed.';
ALTER TABLE devices DROP COLUMN retired_at, DROP COLUMN icon;
COMMENT ON COLUMN devices.is_active IS 'False while the farmer has put it out of use.';
