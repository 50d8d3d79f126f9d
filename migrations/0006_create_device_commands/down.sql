DROP TABLE device_commands;
DROP TYPE command_source;
DROP TYPE command_status;
