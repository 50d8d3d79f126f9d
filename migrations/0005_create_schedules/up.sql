-- What shall happen when, and what became of each time.
CREATE TYPE schedule_type AS ENUM ('time_based', 'duration_based', 'condition_based');
COMMENT ON TYPE schedule_type IS 'What starts a schedule: the clock, a cycle of on and off, or a condition.';
CREATE TYPE schedule_action AS ENUM ('on', 'off', 'toggle');
COMMENT ON TYPE schedule_action IS 'What a schedule asks of its device.';
CREATE TYPE execution_status AS ENUM ('pending', 'executed', 'failed', 'timeout', 'skipped');
COMMENT ON TYPE execution_status IS 'What became of one time of a schedule.';

CREATE TABLE schedules (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    device_id uuid NOT NULL,
    name text NOT NULL,
    schedule_type schedule_type NOT NULL,
    cron_expression text,
    start_time time,
    end_time time,
    on_duration integer,
    off_duration integer,
    repeat_count integer,
    condition_json jsonb,
    action schedule_action NOT NULL,
    is_enabled boolean NOT NULL DEFAULT true,
    priority integer NOT NULL DEFAULT 0,
    created_by uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT schedules_id_farm_id_key UNIQUE (id, farm_id),
    CONSTRAINT schedules_device_id_fkey
        FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    CONSTRAINT schedules_cron_expression_check CHECK (is_cron_expression(cron_expression)),
    CONSTRAINT schedules_on_duration_check
        CHECK (schedule_type <> 'duration_based' OR coalesce(on_duration, 0) > 0)
);
CREATE INDEX schedules_farm_id_idx ON schedules (farm_id);
CREATE INDEX schedules_device_id_idx ON schedules (device_id);
CREATE INDEX schedules_is_enabled_idx ON schedules (is_enabled);
CREATE INDEX schedules_created_by_idx ON schedules (created_by);
CREATE TRIGGER schedules_touch BEFORE UPDATE ON schedules
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE schedules IS 'What a device shall do by itself, and when.';
COMMENT ON COLUMN schedules.id IS 'Identity.';
COMMENT ON COLUMN schedules.farm_id IS 'The device''s farm; its zone is the schedule''s.';
COMMENT ON COLUMN schedules.device_id IS 'The device.';
COMMENT ON COLUMN schedules.name IS 'What the farmer calls it.';
COMMENT ON COLUMN schedules.schedule_type IS 'What starts it.';
COMMENT ON COLUMN schedules.cron_expression IS 'Five fields in the farm''s zone, such as "0 6 * * *": each time is acted on once.';
COMMENT ON COLUMN schedules.start_time IS 'Local time of day at which it begins to hold.';
COMMENT ON COLUMN schedules.end_time IS 'Local time of day at which it ceases to hold; before start_time: on the next day.';
COMMENT ON COLUMN schedules.on_duration IS 'Seconds on in each cycle, or after each start.';
COMMENT ON COLUMN schedules.off_duration IS 'Seconds off in each cycle.';
COMMENT ON COLUMN schedules.repeat_count IS 'How many cycles; NULL is without end.';
COMMENT ON COLUMN schedules.condition_json IS 'Condition on fresh readings, such as {"type":"temperature","operator":">","value":30}.';
COMMENT ON COLUMN schedules.action IS 'What is asked of the device.';
COMMENT ON COLUMN schedules.is_enabled IS 'False while it is paused.';
COMMENT ON COLUMN schedules.priority IS 'Who wins between two schedules of a device: the higher.';
COMMENT ON COLUMN schedules.created_by IS 'Who made it.';
COMMENT ON COLUMN schedules.created_at IS 'When it was made.';
COMMENT ON COLUMN schedules.updated_at IS 'When the row was last changed.';
COMMENT ON COLUMN schedules.deleted_at IS 'When it was deleted; what it did stays.';

CREATE TABLE schedule_executions (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    schedule_id uuid NOT NULL,
    device_id uuid NOT NULL,
    scheduled_time timestamptz NOT NULL,
    actual_execution_time timestamptz,
    status execution_status NOT NULL,
    command_sent jsonb NOT NULL,
    device_response jsonb,
    error_message text,
    execution_duration_ms integer,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    farm_id uuid NOT NULL REFERENCES farms,
    CONSTRAINT schedule_executions_pkey PRIMARY KEY (id, scheduled_time),
    CONSTRAINT schedule_executions_schedule_id_scheduled_time_key UNIQUE (schedule_id, scheduled_time),
    CONSTRAINT schedule_executions_schedule_id_fkey
        FOREIGN KEY (schedule_id, farm_id) REFERENCES schedules (id, farm_id),
    CONSTRAINT schedule_executions_device_id_fkey
        FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id)
) PARTITION BY RANGE (scheduled_time);
CREATE INDEX schedule_executions_device_id_idx ON schedule_executions (device_id);
CREATE INDEX schedule_executions_scheduled_time_idx ON schedule_executions (scheduled_time);
CREATE INDEX schedule_executions_farm_id_idx ON schedule_executions (farm_id);
CREATE TABLE schedule_executions_default PARTITION OF schedule_executions DEFAULT;
COMMENT ON TABLE schedule_executions IS 'What became of each time of each schedule, one partition per UTC month. Kept for 5 years.';
COMMENT ON TABLE schedule_executions_default IS 'Executions of months that had no partition when they came.';
COMMENT ON COLUMN schedule_executions.id IS 'Identity.';
COMMENT ON COLUMN schedule_executions.schedule_id IS 'The schedule.';
COMMENT ON COLUMN schedule_executions.device_id IS 'The device.';
COMMENT ON COLUMN schedule_executions.scheduled_time IS 'When it was due; once per schedule, so no two servers act on it.';
COMMENT ON COLUMN schedule_executions.actual_execution_time IS 'When the device did it.';
COMMENT ON COLUMN schedule_executions.status IS 'What became of it.';
COMMENT ON COLUMN schedule_executions.command_sent IS 'What was sent to the device.';
COMMENT ON COLUMN schedule_executions.device_response IS 'What the device answered.';
COMMENT ON COLUMN schedule_executions.error_message IS 'Why it failed or was skipped, as a short English code or sentence.';
COMMENT ON COLUMN schedule_executions.execution_duration_ms IS 'Milliseconds from sending to the device''s result.';
COMMENT ON COLUMN schedule_executions.created_at IS 'When the row was made.';
COMMENT ON COLUMN schedule_executions.deleted_at IS 'Kept from the specification; executions are not deleted by people.';
COMMENT ON COLUMN schedule_executions.farm_id IS 'The schedule''s farm.';
