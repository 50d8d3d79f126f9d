REVOKE INSERT (id, farm_id, device_id, command_type, command_params, requested_by, status, requested_at,
        created_at, source, expires_at, wish, stop_id),
    UPDATE (status, reason, completed_at, due_at) ON device_commands FROM tokkatot_app;
REVOKE INSERT, UPDATE ON device_commands FROM tokkatot_worker;
REVOKE UPDATE (desired_state) ON devices FROM tokkatot_app;
DROP INDEX devices_running_idx;
DROP TRIGGER device_commands_announce ON device_commands;
DROP FUNCTION announce_commands();
DROP INDEX device_commands_in_flight_key;
DROP INDEX device_commands_given_up_idx;
DROP INDEX device_commands_waiting_idx;
DROP INDEX device_commands_open_idx;
CREATE INDEX device_commands_device_id_idx ON device_commands (device_id);
DROP INDEX device_commands_device_id_place_idx;
-- what is under way has nobody who would end it
UPDATE device_commands SET status = 'timeout', reason = 'expired', completed_at = now()
    WHERE status IN ('queued', 'sent', 'executing');
ALTER TABLE device_commands
    DROP COLUMN place, DROP COLUMN wish, DROP COLUMN attempts, DROP COLUMN attempted_at,
    DROP COLUMN executing_at, DROP COLUMN due_at, DROP COLUMN stop_id;
COMMENT ON COLUMN device_commands.status IS 'How far it has come.';
COMMENT ON COLUMN device_commands.reason IS 'Why it ended as it did: expired, superseded, cancelled.';
DROP TABLE switchings;
DROP TABLE overrides;
DROP TABLE interlocks;
DROP TABLE emergency_stops;
DROP TYPE link_loss;
