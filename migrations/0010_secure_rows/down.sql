REVOKE ALL ON ALL TABLES IN SCHEMA public FROM tokkatot_app, tokkatot_worker;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM tokkatot_app, tokkatot_worker;

DO $$
BEGIN
    IF to_regclass('public.__diesel_schema_migrations') IS NOT NULL THEN
        GRANT SELECT ON __diesel_schema_migrations TO tokkatot_app, tokkatot_worker;
    END IF;
END
$$;

DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT schemaname, tablename, policyname FROM pg_policies WHERE schemaname = 'public' LOOP
        EXECUTE format('DROP POLICY %I ON %I.%I', found.policyname, found.schemaname, found.tablename);
        EXECUTE format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY', found.schemaname, found.tablename);
    END LOOP;
END
$$;
DROP FUNCTION is_platform_admin();
