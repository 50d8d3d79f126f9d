-- What is wrong, who wants to hear of it, and what each was told.
CREATE TYPE alert_severity AS ENUM ('info', 'warning', 'critical');
COMMENT ON TYPE alert_severity IS 'How grave an alert is.';
CREATE TYPE alert_channel AS ENUM ('email', 'sms', 'push', 'telegram', 'in_app');
COMMENT ON TYPE alert_channel IS 'How a person wants to hear of alerts; only in_app is delivered.';
CREATE TYPE notification_severity AS ENUM ('urgent', 'important', 'info');
COMMENT ON TYPE notification_severity IS 'How loud a notification is.';

CREATE TABLE alerts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    device_id uuid,
    alert_type varchar(50) NOT NULL,
    severity alert_severity NOT NULL,
    message text NOT NULL,
    threshold_value numeric(10, 2),
    actual_value numeric(10, 2),
    is_active boolean NOT NULL DEFAULT true,
    acknowledged_by uuid REFERENCES users,
    acknowledged_at timestamptz,
    triggered_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    deleted_at timestamptz,
    node_id uuid REFERENCES nodes,
    house_id uuid,
    CONSTRAINT alerts_device_id_fkey FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    CONSTRAINT alerts_house_id_fkey FOREIGN KEY (house_id, farm_id) REFERENCES houses (id, farm_id)
);
CREATE UNIQUE INDEX alerts_one_active_key
    ON alerts (farm_id, node_id, house_id, device_id, alert_type) NULLS NOT DISTINCT WHERE is_active;
CREATE INDEX alerts_farm_id_idx ON alerts (farm_id);
CREATE INDEX alerts_device_id_idx ON alerts (device_id);
CREATE INDEX alerts_is_active_farm_id_idx ON alerts (is_active, farm_id);
CREATE INDEX alerts_triggered_at_idx ON alerts (triggered_at);
CREATE INDEX alerts_acknowledged_by_idx ON alerts (acknowledged_by);
CREATE INDEX alerts_node_id_idx ON alerts (node_id);
CREATE INDEX alerts_house_id_idx ON alerts (house_id);
COMMENT ON TABLE alerts IS 'What is or was wrong; at most one active of a kind per thing.';
COMMENT ON COLUMN alerts.id IS 'Identity.';
COMMENT ON COLUMN alerts.farm_id IS 'The farm.';
COMMENT ON COLUMN alerts.device_id IS 'The device it is about, if it is about one.';
COMMENT ON COLUMN alerts.alert_type IS 'What is wrong, such as temp_high.';
COMMENT ON COLUMN alerts.severity IS 'How grave it is now.';
COMMENT ON COLUMN alerts.message IS 'English fallback; people read a text made of the type and the values.';
COMMENT ON COLUMN alerts.threshold_value IS 'The limit that was passed, in the series'' unit.';
COMMENT ON COLUMN alerts.actual_value IS 'The value that passed it, in the series'' unit.';
COMMENT ON COLUMN alerts.is_active IS 'False once it is resolved.';
COMMENT ON COLUMN alerts.acknowledged_by IS 'Who has seen to it; this ends reminders only.';
COMMENT ON COLUMN alerts.acknowledged_at IS 'When that was.';
COMMENT ON COLUMN alerts.triggered_at IS 'When it was raised.';
COMMENT ON COLUMN alerts.resolved_at IS 'When it was over.';
COMMENT ON COLUMN alerts.deleted_at IS 'When it was taken off the list.';
COMMENT ON COLUMN alerts.node_id IS 'The node it is about, if it is about a whole node.';
COMMENT ON COLUMN alerts.house_id IS 'The house it is about, if it is about a whole house.';

CREATE TABLE alert_subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    alert_type varchar(50) NOT NULL,
    channel alert_channel NOT NULL DEFAULT 'in_app',
    is_enabled boolean NOT NULL DEFAULT true,
    quiet_hours_start time,
    quiet_hours_end time,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
CREATE INDEX alert_subscriptions_user_id_idx ON alert_subscriptions (user_id);
CREATE INDEX alert_subscriptions_alert_type_idx ON alert_subscriptions (alert_type);
CREATE TRIGGER alert_subscriptions_touch BEFORE UPDATE ON alert_subscriptions
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE alert_subscriptions IS 'Which alerts a person wants to hear of, and when not.';
COMMENT ON COLUMN alert_subscriptions.id IS 'Identity.';
COMMENT ON COLUMN alert_subscriptions.user_id IS 'The person.';
COMMENT ON COLUMN alert_subscriptions.alert_type IS 'The kind of alert, such as temp_high.';
COMMENT ON COLUMN alert_subscriptions.channel IS 'How to hear of it; only in_app is delivered, the others are kept as wishes.';
COMMENT ON COLUMN alert_subscriptions.is_enabled IS 'False: the person does not want these.';
COMMENT ON COLUMN alert_subscriptions.quiet_hours_start IS 'Start of the hours without sound, in the person''s zone.';
COMMENT ON COLUMN alert_subscriptions.quiet_hours_end IS 'End of those hours; before the start: on the next day.';
COMMENT ON COLUMN alert_subscriptions.created_at IS 'When it was made.';
COMMENT ON COLUMN alert_subscriptions.updated_at IS 'When the row was last changed.';
COMMENT ON COLUMN alert_subscriptions.deleted_at IS 'When it was deleted.';

CREATE TABLE notification_log (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    farm_id uuid NOT NULL REFERENCES farms,
    alert_id uuid REFERENCES alerts,
    notification_type varchar(50) NOT NULL,
    severity notification_severity NOT NULL,
    title varchar(100) NOT NULL,
    message text NOT NULL,
    is_read boolean NOT NULL DEFAULT false,
    metadata jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    read_at timestamptz,
    deleted_at timestamptz
);
CREATE INDEX notification_log_user_id_created_at_idx ON notification_log (user_id, created_at);
CREATE INDEX notification_log_is_read_idx ON notification_log (is_read);
CREATE INDEX notification_log_created_at_idx ON notification_log (created_at);
CREATE INDEX notification_log_farm_id_idx ON notification_log (farm_id);
CREATE INDEX notification_log_alert_id_idx ON notification_log (alert_id);
COMMENT ON TABLE notification_log IS 'What each person was told, in the application only.';
COMMENT ON COLUMN notification_log.id IS 'Identity.';
COMMENT ON COLUMN notification_log.user_id IS 'Who was told.';
COMMENT ON COLUMN notification_log.farm_id IS 'The farm it is about.';
COMMENT ON COLUMN notification_log.alert_id IS 'The alert behind it, if there is one.';
COMMENT ON COLUMN notification_log.notification_type IS 'What it tells, such as device_offline.';
COMMENT ON COLUMN notification_log.severity IS 'How loud it is.';
COMMENT ON COLUMN notification_log.title IS 'English fallback of the title; people read one made of type and metadata.';
COMMENT ON COLUMN notification_log.message IS 'English fallback of the text; people read one made of type and metadata.';
COMMENT ON COLUMN notification_log.is_read IS 'Whether the person marked it as read.';
COMMENT ON COLUMN notification_log.metadata IS 'What goes with it: device, value, limit.';
COMMENT ON COLUMN notification_log.created_at IS 'When it was told.';
COMMENT ON COLUMN notification_log.read_at IS 'When it was marked as read.';
COMMENT ON COLUMN notification_log.deleted_at IS 'When it was taken off the list.';
