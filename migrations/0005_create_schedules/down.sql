DROP TABLE schedule_executions;
DROP TABLE schedules;
DROP TYPE execution_status;
DROP TYPE schedule_action;
DROP TYPE schedule_type;
