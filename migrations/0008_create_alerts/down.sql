DROP TABLE notification_log;
DROP TABLE alert_subscriptions;
DROP TABLE alerts;
DROP TYPE notification_severity;
DROP TYPE alert_channel;
DROP TYPE alert_severity;
