DROP TABLE event_logs;
DROP FUNCTION refuse_change();
DROP TYPE event_severity;
