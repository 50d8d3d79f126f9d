REVOKE INSERT (farm_id, device_id, parameter_name, parameter_value, unit, min_value, max_value, is_calibrated,
        created_at, updated_at),
    UPDATE (deleted_at) ON device_configs FROM tokkatot_app;
DROP TRIGGER device_configs_configure_update ON device_configs;
DROP TRIGGER device_configs_configure_insert ON device_configs;
DROP TRIGGER interlocks_configure_update ON interlocks;
DROP TRIGGER interlocks_configure_insert ON interlocks;
DROP TRIGGER devices_configure_update ON devices;
DROP TRIGGER devices_configure_insert ON devices;
DROP FUNCTION raise_config_of_device();
DROP FUNCTION raise_configs_of_nodes();
DROP FUNCTION raise_config(uuid, uuid);
DROP TABLE node_configs;
DROP FUNCTION announce_config();
