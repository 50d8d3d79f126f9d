-- What a controller must know of its devices goes to it under a version. Whatever changes of it raises that
-- version in the same transaction, whoever changes it, so that no change is forgotten and none goes out half.
CREATE TABLE node_configs (
    node_id uuid PRIMARY KEY REFERENCES nodes,
    farm_id uuid NOT NULL REFERENCES farms,
    version bigint NOT NULL DEFAULT 1,
    changed_at timestamptz NOT NULL DEFAULT now(),
    raised_at timestamptz,
    attempted_version bigint,
    sent_version bigint,
    sent_at timestamptz,
    heard_version bigint,
    heard_at timestamptz,
    confirmed_version bigint,
    refused_version bigint,
    refused_at timestamptz,
    refusal text,
    CONSTRAINT node_configs_version_check CHECK (version > 0),
    CONSTRAINT node_configs_sent_check CHECK (num_nonnulls(sent_version, sent_at) <> 1),
    CONSTRAINT node_configs_heard_check CHECK (num_nonnulls(heard_version, heard_at) <> 1),
    CONSTRAINT node_configs_refused_check CHECK (num_nonnulls(refused_version, refused_at) <> 1
        AND (refusal IS NULL OR refused_version IS NOT NULL)),
    CONSTRAINT node_configs_refusal_check CHECK (char_length(refusal) <= 500)
) WITH (fillfactor = 80);
CREATE INDEX node_configs_farm_id_idx ON node_configs (farm_id);
CREATE INDEX node_configs_waiting_idx ON node_configs (node_id) WHERE attempted_version IS DISTINCT FROM version;
CREATE INDEX node_configs_ahead_idx ON node_configs (node_id) WHERE heard_version > version;
COMMENT ON TABLE node_configs IS 'How far each controller''s configuration has come: which version is wanted, was sent, is in force there. A controller without a row has nothing to be told.';
COMMENT ON COLUMN node_configs.node_id IS 'The controller.';
COMMENT ON COLUMN node_configs.farm_id IS 'The farm of the devices that are configured.';
COMMENT ON COLUMN node_configs.version IS 'The version that is wanted; grows with every change.';
COMMENT ON COLUMN node_configs.changed_at IS 'When it last grew.';
COMMENT ON COLUMN node_configs.raised_at IS 'When it was last raised because the controller had a higher one.';
COMMENT ON COLUMN node_configs.attempted_version IS 'The version that was handed to the broker, or was about to be; NULL where that may be lost, or has to be done again.';
COMMENT ON COLUMN node_configs.sent_version IS 'The version that the broker has taken last.';
COMMENT ON COLUMN node_configs.sent_at IS 'When the broker took it.';
COMMENT ON COLUMN node_configs.heard_version IS 'The version that the controller last said it has in force.';
COMMENT ON COLUMN node_configs.heard_at IS 'When it said so.';
COMMENT ON COLUMN node_configs.confirmed_version IS 'The last wanted version that the controller confirmed.';
COMMENT ON COLUMN node_configs.refused_version IS 'The last wanted version that the controller refused.';
COMMENT ON COLUMN node_configs.refused_at IS 'When it refused it.';
COMMENT ON COLUMN node_configs.refusal IS 'Why, in its words.';

CREATE FUNCTION raise_config(node uuid, farm uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO node_configs AS c (node_id, farm_id) VALUES (node, farm)
    ON CONFLICT (node_id) DO UPDATE
        SET version = c.version + 1, farm_id = excluded.farm_id, changed_at = excluded.changed_at
$$;
COMMENT ON FUNCTION raise_config(uuid, uuid) IS 'Wants another version of a controller''s configuration; asked by triggers alone.';

-- Those that a device leaves and comes to, in one order: two that cross do not wait for each other.
CREATE FUNCTION raise_configs_of_nodes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT DISTINCT (told ->> 'node_id')::uuid AS node, (told ->> 'farm_id')::uuid AS farm
        FROM unnest(ARRAY[to_jsonb(NEW), CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END]) AS told
        WHERE told ->> 'node_id' IS NOT NULL ORDER BY 1
    LOOP
        PERFORM raise_config(place.node, place.farm);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION raise_configs_of_nodes() IS 'Trigger: raises the configuration of the controllers that a device leaves or comes to.';
CREATE TRIGGER devices_configure_insert AFTER INSERT ON devices
    FOR EACH ROW WHEN (NEW.approved_at IS NOT NULL AND NEW.node_id IS NOT NULL)
    EXECUTE FUNCTION raise_configs_of_nodes();
CREATE TRIGGER devices_configure_update AFTER UPDATE OF farm_id, node_id, channel, kind, approved_at, deleted_at
    ON devices FOR EACH ROW WHEN (
        (OLD.approved_at IS NOT NULL OR NEW.approved_at IS NOT NULL) AND
        (OLD.farm_id, OLD.node_id, OLD.channel, OLD.kind, OLD.approved_at IS NULL, OLD.deleted_at IS NULL)
        IS DISTINCT FROM
        (NEW.farm_id, NEW.node_id, NEW.channel, NEW.kind, NEW.approved_at IS NULL, NEW.deleted_at IS NULL))
    EXECUTE FUNCTION raise_configs_of_nodes();

CREATE FUNCTION raise_config_of_device() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM raise_config(d.node_id, d.farm_id) FROM devices d
        WHERE d.id = NEW.device_id AND d.node_id IS NOT NULL AND d.approved_at IS NOT NULL AND d.deleted_at IS NULL;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION raise_config_of_device() IS 'Trigger: raises the configuration of the controller that a device belongs to.';
CREATE TRIGGER interlocks_configure_insert AFTER INSERT ON interlocks
    FOR EACH ROW EXECUTE FUNCTION raise_config_of_device();
CREATE TRIGGER interlocks_configure_update AFTER UPDATE ON interlocks
    FOR EACH ROW WHEN (
        (OLD.max_on_s, OLD.min_on_s, OLD.min_off_s, OLD.max_starts_per_hour, OLD.exclusive_group, OLD.on_link_loss)
        IS DISTINCT FROM
        (NEW.max_on_s, NEW.min_on_s, NEW.min_off_s, NEW.max_starts_per_hour, NEW.exclusive_group, NEW.on_link_loss))
    EXECUTE FUNCTION raise_config_of_device();
-- Calibrations and bounds are the server's to apply: no controller hears of them.
CREATE TRIGGER device_configs_configure_insert AFTER INSERT ON device_configs
    FOR EACH ROW WHEN (NEW.deleted_at IS NULL
        AND (NEW.parameter_name = 'polling_interval' OR NEW.parameter_name LIKE '%\_threshold\_%'))
    EXECUTE FUNCTION raise_config_of_device();
CREATE TRIGGER device_configs_configure_update AFTER UPDATE ON device_configs
    FOR EACH ROW WHEN (
        (NEW.parameter_name = 'polling_interval' OR NEW.parameter_name LIKE '%\_threshold\_%') AND
        (OLD.parameter_value, OLD.deleted_at IS NULL) IS DISTINCT FROM (NEW.parameter_value, NEW.deleted_at IS NULL))
    EXECUTE FUNCTION raise_config_of_device();

CREATE FUNCTION announce_config() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    PERFORM pg_notify('tokkatot_configs', NEW.node_id::text);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION announce_config() IS 'Trigger: tells tokkatot_configs which controller has another configuration to be told.';
CREATE TRIGGER node_configs_announce_insert AFTER INSERT ON node_configs
    FOR EACH ROW EXECUTE FUNCTION announce_config();
CREATE TRIGGER node_configs_announce_update AFTER UPDATE OF version ON node_configs
    FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION announce_config();

-- What there is already has yet to be told.
INSERT INTO node_configs (node_id, farm_id)
    SELECT DISTINCT d.node_id, d.farm_id FROM devices d JOIN nodes n ON n.id = d.node_id AND n.farm_id = d.farm_id
    WHERE d.approved_at IS NOT NULL AND d.deleted_at IS NULL;

ALTER TABLE node_configs ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON node_configs TO tokkatot_worker USING (true);
CREATE POLICY app ON node_configs TO tokkatot_app
    USING (farm_id = ANY (ARRAY(SELECT mine.farm_id FROM my_farms mine)));
GRANT SELECT ON node_configs TO tokkatot_app, tokkatot_worker;
GRANT UPDATE (version, raised_at, attempted_version, sent_version, sent_at, heard_version, heard_at,
    confirmed_version, refused_version, refused_at, refusal) ON node_configs TO tokkatot_worker;
GRANT INSERT (farm_id, device_id, parameter_name, parameter_value, unit, min_value, max_value, is_calibrated,
        created_at, updated_at),
    UPDATE (deleted_at) ON device_configs TO tokkatot_app;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['raise_config(uuid, uuid)', 'raise_configs_of_nodes()',
        'raise_config_of_device()'] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
    END LOOP;
END
$$;
