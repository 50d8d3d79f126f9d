-- What the tables below lean on: the roles must exist, and a few checks that plain SQL can not say.
--
-- A restore runs with an empty search_path. So does whoever wants to slip another table or function
-- under ours: every function is therefore of parsed SQL (RETURN, BEGIN ATOMIC), where names are looked
-- up once and for all, or sets its own search_path.
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

CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at = now();
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION touch_updated_at() IS
    'Trigger: stamps updated_at, unless the statement set it itself.';

-- A CHECK may ask for the shape of a zone's name alone: which names there are is in the server's files,
-- and a restore must not refuse what was valid when it was written. A trigger is asleep in a restore.
CREATE FUNCTION refuse_unknown_zone() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    -- AT TIME ZONE would also take "ICT" and "ABC+7". The list is exact, but reads 600 files, so the
    -- usual zones go past it.
    IF NEW.timezone NOT IN ('Asia/Phnom_Penh', 'Asia/Bangkok', 'UTC')
        AND NOT EXISTS (SELECT FROM pg_timezone_names WHERE name = NEW.timezone) THEN
        RAISE EXCEPTION '"%" is no time zone, which violates "%_timezone_check"', NEW.timezone, TG_TABLE_NAME
            USING ERRCODE = 'check_violation', TABLE = TG_TABLE_NAME, COLUMN = 'timezone',
                CONSTRAINT = TG_TABLE_NAME || '_timezone_check';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION refuse_unknown_zone() IS
    'Trigger: refuses a timezone that is not the name of an IANA time zone, as the table''s check of its shape would.';

CREATE FUNCTION cron_field(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT
RETURN replace('(\*|V(-V)?)(/[1-9]\d?)?(,(\*|V(-V)?)(/[1-9]\d?)?)*', 'V', '(' || value || ')');
COMMENT ON FUNCTION cron_field(text) IS
    'The pattern of one field of a cron expression, of the pattern of one value.';

CREATE FUNCTION is_cron_expression(expression text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT
RETURN expression ~* ('^\s*' || cron_field('[0-5]?\d')
    || '\s+' || cron_field('[01]?\d|2[0-3]')
    || '\s+' || cron_field('0?[1-9]|[12]\d|3[01]')
    || '\s+' || cron_field('0?[1-9]|1[0-2]|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec')
    || '\s+' || cron_field('0?[0-7]|sun|mon|tue|wed|thu|fri|sat') || '\s*$');
COMMENT ON FUNCTION is_cron_expression(text) IS
    'Whether a text is a cron expression of five fields (minute hour day month weekday).';

CREATE FUNCTION current_farms() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
RETURN string_to_array(nullif(current_setting('tokkatot.farms', true), ''), ',')::uuid[];
COMMENT ON FUNCTION current_farms() IS
    'The farms this request may see (setting tokkatot.farms); NULL, which matches nothing, if unset.';

CREATE FUNCTION current_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('tokkatot.user', true), '')::uuid;
COMMENT ON FUNCTION current_account() IS
    'Who is asking (setting tokkatot.user); NULL, which matches nobody, if unset.';
