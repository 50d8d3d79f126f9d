DROP FUNCTION current_account();
DROP FUNCTION current_farms();
DROP FUNCTION is_cron_expression(text);
DROP FUNCTION cron_field(text);
DROP FUNCTION refuse_unknown_zone();
DROP FUNCTION touch_updated_at();

DO $$
BEGIN
    IF to_regclass('public.__diesel_schema_migrations') IS NOT NULL THEN
        REVOKE SELECT ON __diesel_schema_migrations FROM tokkatot_app, tokkatot_worker;
    END IF;
END
$$;
