-- The outbox of commands: a row is committed first and published after.
CREATE TYPE command_status AS ENUM ('queued', 'sent', 'executing', 'completed', 'failed', 'timeout');
COMMENT ON TYPE command_status IS 'How far a command has come.';
CREATE TYPE command_source AS ENUM ('user', 'schedule', 'rule', 'safety');
COMMENT ON TYPE command_source IS 'What asked for a command.';

CREATE TABLE device_commands (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    device_id uuid NOT NULL,
    command_type varchar(50) NOT NULL,
    command_params jsonb,
    requested_by uuid REFERENCES users,
    status command_status NOT NULL,
    response_data jsonb,
    error_message text,
    requested_at timestamptz NOT NULL DEFAULT now(),
    sent_at timestamptz,
    completed_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    source command_source NOT NULL DEFAULT 'user',
    reason text,
    expires_at timestamptz NOT NULL,
    CONSTRAINT device_commands_device_id_fkey
        FOREIGN KEY (device_id, farm_id) REFERENCES devices (id, farm_id),
    CONSTRAINT device_commands_requested_by_check CHECK (source <> 'user' OR requested_by IS NOT NULL),
    CONSTRAINT device_commands_expires_at_check CHECK (expires_at > requested_at)
);
CREATE INDEX device_commands_farm_id_idx ON device_commands (farm_id);
CREATE INDEX device_commands_device_id_idx ON device_commands (device_id);
CREATE INDEX device_commands_status_idx ON device_commands (status);
CREATE INDEX device_commands_requested_by_idx ON device_commands (requested_by);
CREATE INDEX device_commands_created_at_idx ON device_commands (created_at);
CREATE INDEX device_commands_completed_at_idx ON device_commands (completed_at);
COMMENT ON TABLE device_commands IS 'What was asked of devices and what became of it.';
COMMENT ON COLUMN device_commands.id IS 'Identity, given by the client''s first tap: a repeated tap is the same command.';
COMMENT ON COLUMN device_commands.farm_id IS 'The device''s farm.';
COMMENT ON COLUMN device_commands.device_id IS 'The device.';
COMMENT ON COLUMN device_commands.command_type IS 'on, off, set_value, set_angle.';
COMMENT ON COLUMN device_commands.command_params IS 'What goes with it: value, duration_ms.';
COMMENT ON COLUMN device_commands.requested_by IS 'Who asked; always given when source is user.';
COMMENT ON COLUMN device_commands.status IS 'How far it has come.';
COMMENT ON COLUMN device_commands.response_data IS 'The device''s result.';
COMMENT ON COLUMN device_commands.error_message IS 'Why it failed, in the device''s words.';
COMMENT ON COLUMN device_commands.requested_at IS 'When it was asked for.';
COMMENT ON COLUMN device_commands.sent_at IS 'When the broker took it.';
COMMENT ON COLUMN device_commands.completed_at IS 'When it ended, well or not.';
COMMENT ON COLUMN device_commands.created_at IS 'When the row was made.';
COMMENT ON COLUMN device_commands.deleted_at IS 'Kept from the specification; commands are not deleted by people.';
COMMENT ON COLUMN device_commands.source IS 'What asked for it.';
COMMENT ON COLUMN device_commands.reason IS 'Why it ended as it did: expired, superseded, cancelled.';
COMMENT ON COLUMN device_commands.expires_at IS 'After this it is never carried out.';
