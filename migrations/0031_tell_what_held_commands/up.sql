-- A command that an interlock did not let go out keeps which rule that was, and until when: pages tell of it.
ALTER TABLE device_commands ADD COLUMN held jsonb;
COMMENT ON COLUMN device_commands.held IS 'What did not let it be sent, if an interlock did not: rule, until (microseconds since 1970) and by, the device that ran instead.';
