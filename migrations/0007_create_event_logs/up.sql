-- The audit trail. Rows are only ever added: privileges refuse the rest, and a trigger refuses it to
-- those whom privileges do not bind.
CREATE TYPE event_severity AS ENUM ('info', 'warning', 'error', 'critical');
COMMENT ON TYPE event_severity IS 'How grave an event is.';

CREATE TABLE event_logs (
    id bigserial NOT NULL,
    farm_id uuid REFERENCES farms,
    device_id uuid,
    user_id uuid REFERENCES users,
    event_type varchar(50) NOT NULL,
    event_category varchar(20) NOT NULL,
    severity event_severity NOT NULL,
    message text NOT NULL,
    event_data jsonb,
    ip_address inet,
    user_agent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT event_logs_pkey PRIMARY KEY (id, created_at),
    CONSTRAINT event_logs_device_id_fkey
        FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    -- without it a key of two columns, one of them NULL, would hold nothing
    CONSTRAINT event_logs_device_farm_check CHECK (device_id IS NULL OR farm_id IS NOT NULL)
) PARTITION BY RANGE (created_at);
CREATE INDEX event_logs_farm_id_created_at_idx ON event_logs (farm_id, created_at);
CREATE INDEX event_logs_device_id_idx ON event_logs (device_id);
CREATE INDEX event_logs_user_id_created_at_idx ON event_logs (user_id, created_at);
CREATE INDEX event_logs_event_type_idx ON event_logs (event_type);
CREATE INDEX event_logs_created_at_idx ON event_logs (created_at);
CREATE TABLE event_logs_default PARTITION OF event_logs DEFAULT;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: the audit trail is only added to', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger: refuses whatever fired it.';

CREATE TRIGGER event_logs_refuse_change BEFORE UPDATE OR DELETE ON event_logs
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
-- A statement trigger is not handed down to partitions; each gets its own.
CREATE TRIGGER event_logs_refuse_truncate BEFORE TRUNCATE ON event_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER event_logs_refuse_truncate BEFORE TRUNCATE ON event_logs_default
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
COMMENT ON TABLE event_logs IS 'Immutable audit trail, one partition per UTC month. Kept for 5 years.';
COMMENT ON TABLE event_logs_default IS 'Events of months that had no partition when they came.';
COMMENT ON COLUMN event_logs.id IS 'Identity together with created_at.';
COMMENT ON COLUMN event_logs.farm_id IS 'The farm; NULL for accounts, node registration and the operator''s work.';
COMMENT ON COLUMN event_logs.device_id IS 'The device it is about.';
COMMENT ON COLUMN event_logs.user_id IS 'Who did it, or whose account it is about.';
COMMENT ON COLUMN event_logs.event_type IS 'What happened, such as device_online.';
COMMENT ON COLUMN event_logs.event_category IS 'Whose doing it is: device, user or system.';
COMMENT ON COLUMN event_logs.severity IS 'How grave it is.';
COMMENT ON COLUMN event_logs.message IS 'English fallback; people read a text made of event_type and event_data.';
COMMENT ON COLUMN event_logs.event_data IS 'What goes with it: names, old and new values.';
COMMENT ON COLUMN event_logs.ip_address IS 'The address it came from.';
COMMENT ON COLUMN event_logs.user_agent IS 'The browser it came from, as it names itself.';
COMMENT ON COLUMN event_logs.created_at IS 'When it happened.';
