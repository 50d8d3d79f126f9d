-- When a node is expected to show a sign of life is kept in memory too. How often a series has a
-- reading is not announced: ingest alone learns and writes that.
CREATE OR REPLACE TRIGGER nodes_announce_update
    AFTER UPDATE OF name, password_hash, revoked_at, deleted_at, farm_id, heartbeat_interval_s ON nodes
    FOR EACH ROW WHEN (
        (OLD.name, OLD.password_hash, OLD.revoked_at, OLD.deleted_at, OLD.farm_id, OLD.heartbeat_interval_s)
        IS DISTINCT FROM
        (NEW.name, NEW.password_hash, NEW.revoked_at, NEW.deleted_at, NEW.farm_id, NEW.heartbeat_interval_s))
    EXECUTE FUNCTION announce_node();
CREATE OR REPLACE TRIGGER series_announce_update
    AFTER UPDATE OF farm_id, device_id, sensor, unit ON series
    FOR EACH ROW WHEN (
        (OLD.farm_id, OLD.device_id, OLD.sensor, OLD.unit)
        IS DISTINCT FROM (NEW.farm_id, NEW.device_id, NEW.sensor, NEW.unit))
    EXECUTE FUNCTION announce_device();

-- A lock that is free tells that its duty is, only if the holder had got it.
ALTER TABLE leases ADD COLUMN is_locked boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN leases.is_locked IS 'Whether the holder has the database''s lock too, which ends with its connection.';
