ALTER TABLE device_commands DROP COLUMN held;
