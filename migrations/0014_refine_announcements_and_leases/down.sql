ALTER TABLE leases DROP COLUMN is_locked;
CREATE OR REPLACE TRIGGER series_announce_update AFTER UPDATE ON series
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION announce_device();
CREATE OR REPLACE TRIGGER nodes_announce_update
    AFTER UPDATE OF name, password_hash, revoked_at, deleted_at, farm_id ON nodes
    FOR EACH ROW WHEN (
        (OLD.name, OLD.password_hash, OLD.revoked_at, OLD.deleted_at, OLD.farm_id)
        IS DISTINCT FROM (NEW.name, NEW.password_hash, NEW.revoked_at, NEW.deleted_at, NEW.farm_id))
    EXECUTE FUNCTION announce_node();
