CREATE OR REPLACE TRIGGER devices_configure_update
    AFTER UPDATE OF farm_id, node_id, channel, kind, approved_at, deleted_at ON devices FOR EACH ROW WHEN (
        (OLD.approved_at IS NOT NULL OR NEW.approved_at IS NOT NULL) AND
        (OLD.farm_id, OLD.node_id, OLD.channel, OLD.kind, OLD.approved_at IS NULL, OLD.deleted_at IS NULL)
        IS DISTINCT FROM
        (NEW.farm_id, NEW.node_id, NEW.channel, NEW.kind, NEW.approved_at IS NULL, NEW.deleted_at IS NULL))
    EXECUTE FUNCTION raise_configs_of_nodes();
