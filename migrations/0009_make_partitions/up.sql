-- Partitions are made ahead and dropped by functions of the owner, so that no serving role may
-- change the schema.
CREATE FUNCTION add_partition(parent text, suffix text, starts timestamptz, ends timestamptz)
RETURNS integer LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    child text = parent || '_' || suffix;
    rest text = parent || '_default';
    key text = CASE parent WHEN 'readings' THEN 'ts' WHEN 'event_logs' THEN 'created_at'
        WHEN 'schedule_executions' THEN 'scheduled_time' END;
    came_before boolean;
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN 0;
    END IF;
    -- Made apart and attached: that locks the parent against other DDL only, not against inserts.
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', child, parent);
    IF parent = 'event_logs' THEN
        EXECUTE format('CREATE TRIGGER event_logs_refuse_truncate BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', child);
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE %I >= $1 AND %2$I < $2)', rest, key)
        INTO came_before USING starts, ends;
    IF came_before THEN
        -- Apart from its parent the default partition has lost the triggers of the audit trail.
        EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', parent, rest);
        EXECUTE format('WITH moved AS (DELETE FROM %I WHERE %I >= $1 AND %2$I < $2 RETURNING *)
            INSERT INTO %I SELECT * FROM moved', rest, key, child) USING starts, ends;
    END IF;
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, child, starts, ends);
    IF came_before THEN
        EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I DEFAULT', parent, rest);
    END IF;
    RETURN 1;
END
$$;
COMMENT ON FUNCTION add_partition(text, text, timestamptz, timestamptz) IS
    'Adds one partition, with the rows of its span that came before it; 1 if it was not there yet.';
REVOKE EXECUTE ON FUNCTION add_partition(text, text, timestamptz, timestamptz) FROM PUBLIC;

CREATE FUNCTION ensure_partitions(first_day date, days integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    made integer = 0;
    day date;
    month date;
BEGIN
    IF days NOT BETWEEN 0 AND 4000 THEN
        RAISE EXCEPTION 'days is 0 to 4000, not %', days;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tokkatot ensure_partitions'));
    FOR i IN 0..days - 1 LOOP
        day = first_day + i;
        made = made + add_partition('readings', to_char(day, 'YYYYMMDD'),
            day::timestamp AT TIME ZONE 'UTC', (day + 1)::timestamp AT TIME ZONE 'UTC');
        IF month IS NULL OR month <> date_trunc('month', day::timestamp)::date THEN
            month = date_trunc('month', day::timestamp)::date;
            made = made
                + add_partition('event_logs', to_char(month, 'YYYYMM'),
                    month::timestamp AT TIME ZONE 'UTC',
                    (month::timestamp + interval '1 month') AT TIME ZONE 'UTC')
                + add_partition('schedule_executions', to_char(month, 'YYYYMM'),
                    month::timestamp AT TIME ZONE 'UTC',
                    (month::timestamp + interval '1 month') AT TIME ZONE 'UTC');
        END IF;
    END LOOP;
    RETURN made;
END
$$;
COMMENT ON FUNCTION ensure_partitions(date, integer) IS
    'Makes what is missing of the partitions for so many UTC days from a day on: readings by day, event_logs and schedule_executions by month. Tells how many it made.';
REVOKE EXECUTE ON FUNCTION ensure_partitions(date, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ensure_partitions(date, integer) TO tokkatot_worker;

CREATE FUNCTION drop_readings_before(day date) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    dropped integer = 0;
    partition text;
BEGIN
    IF day > (now() AT TIME ZONE 'UTC')::date THEN
        RAISE EXCEPTION 'readings of today are not dropped: % is in the future', day;
    END IF;
    FOR partition IN
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'readings'::regclass AND c.relname ~ '^readings_[0-9]{8}$'
            AND to_date(right(c.relname, 8), 'YYYYMMDD') < day
        ORDER BY c.relname
    LOOP
        EXECUTE format('DROP TABLE %I', partition);
        dropped = dropped + 1;
    END LOOP;
    DELETE FROM readings_default WHERE ts < day::timestamp AT TIME ZONE 'UTC';
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION drop_readings_before(date) IS
    'Drops the raw readings of all UTC days before a day. Tells how many partitions went.';
REVOKE EXECUTE ON FUNCTION drop_readings_before(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_readings_before(date) TO tokkatot_worker;

-- A fresh database takes a month of replayed readings and the next days at once.
SELECT ensure_partitions((now() AT TIME ZONE 'UTC')::date - 31, 35);
