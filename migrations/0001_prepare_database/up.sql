-- What the tables below lean on: the roles must exist, and a few checks that plain SQL can not say.
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_roles
        WHERE rolname IN ('tokkatot_owner', 'tokkatot_app', 'tokkatot_worker')) < 3 THEN
        RAISE EXCEPTION 'the roles of the database are missing'
            USING HINT = 'Run scripts/roles.sql as a superuser first.';
    END IF;
END
$$;

-- The version of the schema may be read by the running server (is a migration pending?).
DO $$
BEGIN
    IF to_regclass('public.__diesel_schema_migrations') IS NOT NULL THEN
        GRANT SELECT ON __diesel_schema_migrations TO tokkatot_app, tokkatot_worker;
    END IF;
END
$$;

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at = now();
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION touch_updated_at() IS
    'Trigger: stamps updated_at, unless the statement set it itself.';

-- A CHECK may hold this although it reads the server's zone files: a name that was valid once stays
-- valid (the IANA database keeps old names as links). AT TIME ZONE alone would also take "ICT" and
-- "ABC+7"; the list of names is exact but reads 600 files, so the usual zones go past it.
CREATE FUNCTION is_time_zone(zone text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT zone IN ('Asia/Phnom_Penh', 'Asia/Bangkok', 'UTC')
        OR (zone ~ '^[A-Z]' AND EXISTS (SELECT FROM pg_timezone_names WHERE name = zone))
$$;
COMMENT ON FUNCTION is_time_zone(text) IS 'Whether a text is the name of an IANA time zone.';

CREATE FUNCTION is_cron_expression(expression text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
    fields text[] = regexp_split_to_array(btrim(expression), '\s+');
    lowest int[] = ARRAY[0, 0, 1, 1, 0];
    highest int[] = ARRAY[59, 23, 31, 12, 7];
    names text[] = ARRAY['', '', '',
        '|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec', '|sun|mon|tue|wed|thu|fri|sat'];
    part text;
    number text;
BEGIN
    IF cardinality(fields) <> 5 THEN
        RETURN false;
    END IF;
    FOR i IN 1..5 LOOP
        FOREACH part IN ARRAY string_to_array(lower(fields[i]), ',') LOOP
            IF part !~ format('^(\*|(\d{1,2}%1$s)(-(\d{1,2}%1$s))?)(/[1-9]\d?)?$', names[i]) THEN
                RETURN false;
            END IF;
            FOR number IN
                SELECT matched[1]
                FROM regexp_matches(split_part(part, '/', 1), '\d+', 'g') AS matched
            LOOP
                IF number::int NOT BETWEEN lowest[i] AND highest[i] THEN
                    RETURN false;
                END IF;
            END LOOP;
        END LOOP;
    END LOOP;
    RETURN true;
END
$$;
COMMENT ON FUNCTION is_cron_expression(text) IS
    'Whether a text is a cron expression of five fields (minute hour day month weekday).';

CREATE FUNCTION current_farms() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT string_to_array(nullif(current_setting('tokkatot.farms', true), ''), ',')::uuid[]
$$;
COMMENT ON FUNCTION current_farms() IS
    'The farms this request may see (setting tokkatot.farms); NULL, which matches nothing, if unset.';

CREATE FUNCTION current_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(current_setting('tokkatot.user', true), '')::uuid
$$;
COMMENT ON FUNCTION current_account() IS
    'Who is asking (setting tokkatot.user); NULL, which matches nobody, if unset.';
