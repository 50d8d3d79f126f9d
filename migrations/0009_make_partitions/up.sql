-- Partitions are made ahead and dropped by functions of the owner, so that no serving role may
-- change the schema. What is there is asked of the catalogue, never of a name: a table that somebody
-- detached keeps its name and holds nothing any more.
CREATE FUNCTION partition_spans(parent regclass) RETURNS TABLE (partition regclass, span tstzrange)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT i.inhrelid::regclass, tstzrange(bound[1]::timestamptz, bound[2]::timestamptz)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    CROSS JOIN LATERAL regexp_match(
        pg_get_expr(c.relpartbound, c.oid), 'FROM \(''(.+)''\) TO \(''(.+)''\)') AS found (bound)
    WHERE i.inhparent = parent AND bound IS NOT NULL;
END;
COMMENT ON FUNCTION partition_spans(regclass) IS
    'The partitions of a table with their spans of time; the default one, which has none, is left out.';

-- Rows that came before their partition are in the default one and must move. A day may be millions of
-- rows, so each call makes one partition and moves at most most_rows: where more wait, the span is
-- halved until few enough are left, and the rest of the day is the next calls' work. At no moment is a
-- row out of sight. The newest span comes first, so that new rows soon stop going to the default one.
--
-- What is locked, each for one such step:
--   parent             SHARE UPDATE EXCLUSIVE: other DDL waits, rows do not
--   default partition  ACCESS EXCLUSIVE: whatever reads or writes it waits, and with it each statement
--                      on the parent that can not tell beforehand which partitions it needs. ATTACH reads
--                      it from end to end, too: nothing of the new span may be left there.
--   tables referred to SHARE ROW EXCLUSIVE: writers wait. The parent's foreign keys (event_logs,
--                      schedule_executions) are cloned for the new partition.
-- They are taken in the order in which everybody else takes them (what is referred to, then the row
-- itself), and waited for 5 s at most: whoever comes late queues behind a waiting lock.
CREATE FUNCTION make_partition(first_day date, days integer, most_rows integer DEFAULT 500000)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    parent regclass;
    rest regclass;
    key name;
    referred regclass;
    whole tstzrange;
    span tstzrange;
    child text;
    waiting integer;
BEGIN
    IF days NOT BETWEEN 1 AND 4000 THEN
        RAISE EXCEPTION 'days is 1 to 4000, not %', days;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('tokkatot make_partition'));

    WITH wanted AS (
        SELECT 'readings'::regclass AS parent, 'YYYYMMDD' AS named,
            tstzrange(day, day + interval '1 day') AS whole
        FROM generate_series(first_day::timestamptz, first_day + days - 1, interval '1 day') AS day
        UNION ALL
        SELECT by_month, 'YYYYMM', tstzrange(month, month + interval '1 month')
        FROM unnest('{event_logs, schedule_executions}'::regclass[]) AS by_month,
            generate_series(date_trunc('month', first_day::timestamptz), first_day + days - 1,
                interval '1 month') AS month),
    there AS (
        SELECT p.partrelid, p.partdefid, a.attname,
            (SELECT coalesce(range_agg(s.span), '{}') FROM partition_spans(p.partrelid) s) AS spans
        FROM pg_partitioned_table p
        JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0])
    SELECT w.parent, t.partdefid, t.attname, w.whole, gap, w.parent || '_' || to_char(lower(gap), w.named)
    INTO parent, rest, key, whole, span, child
    FROM wanted w JOIN there t ON t.partrelid = w.parent, unnest(tstzmultirange(w.whole) - t.spans) AS gap
    ORDER BY lower(gap) DESC, w.parent LIMIT 1;
    IF parent IS NULL THEN
        RETURN NULL;
    END IF;

    LOOP
        EXECUTE format('SELECT count(*) FROM (
            SELECT FROM %s WHERE %I >= $1 AND %2$I < $2 LIMIT $3) AS came', rest, key)
            INTO waiting USING lower(span), upper(span), most_rows + 1;
        EXIT WHEN waiting <= most_rows OR upper(span) - lower(span) < interval '2 minutes';
        span = tstzrange(
            date_trunc('minute', lower(span) + (upper(span) - lower(span)) / 2), upper(span));
    END LOOP;
    IF span <> whole THEN
        child = parent || '_' || to_char(lower(span), 'YYYYMMDD_HH24MI');
    END IF;
    WHILE to_regclass(child) IS NOT NULL LOOP
        child = child || '_too'; -- somebody keeps a detached table of that name
    END LOOP;

    EXECUTE format('CREATE TABLE %I (LIKE %s INCLUDING ALL)', child, parent);
    IF parent = 'event_logs'::regclass THEN
        EXECUTE format('CREATE TRIGGER event_logs_refuse_truncate BEFORE TRUNCATE ON %I
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', child);
    END IF;
    FOR referred IN
        SELECT DISTINCT confrelid FROM pg_constraint WHERE conrelid = parent AND contype = 'f' ORDER BY 1
    LOOP
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', referred);
    END LOOP;
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', rest);
    -- The audit trail's trigger would refuse the move. Nobody else can use the moment: see the lock.
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', rest);
    EXECUTE format('WITH moved AS (DELETE FROM %s WHERE %I >= $1 AND %2$I < $2 RETURNING *)
        INSERT INTO %I SELECT * FROM moved', rest, key, child) USING lower(span), upper(span);
    EXECUTE format('ALTER TABLE %s ENABLE TRIGGER USER', rest);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
        parent, child, lower(span), upper(span));
    RETURN child;
END
$$;
COMMENT ON FUNCTION make_partition(date, integer, integer) IS
    'Makes the newest partition missing for so many UTC days from a day on (readings by day, event_logs and schedule_executions by month), with the rows of its span that came before it, and tells its name; NULL if none is missing. Call it again, in a transaction of its own, until then.';
REVOKE EXECUTE ON FUNCTION make_partition(date, integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_partition(date, integer, integer) TO tokkatot_worker;

CREATE FUNCTION tables_with_rows_out_of_place() RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    parent regclass;
    rest regclass;
    has_rows boolean;
BEGIN
    FOR parent, rest IN SELECT partrelid, partdefid FROM pg_partitioned_table WHERE partdefid <> 0 LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', rest) INTO has_rows;
        IF has_rows THEN
            RETURN NEXT parent;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION tables_with_rows_out_of_place() IS
    'The tables whose default partition holds rows: their partitions were not made in time.';
REVOKE EXECUTE ON FUNCTION tables_with_rows_out_of_place() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tables_with_rows_out_of_place() TO tokkatot_app, tokkatot_worker;

-- The slow part, row by row, comes first and locks nobody out; DROP TABLE takes ACCESS EXCLUSIVE on
-- readings for an instant.
CREATE FUNCTION drop_readings_before(day date) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    shortest_retention constant integer = 7;
    dropped integer = 0;
    old regclass;
BEGIN
    IF day > current_date - shortest_retention THEN
        RAISE EXCEPTION 'readings are kept for % days at least: % is too late', shortest_retention, day;
    END IF;
    DELETE FROM readings_default WHERE ts < day;
    FOR old IN SELECT partition FROM partition_spans('readings') WHERE upper(span) <= day ORDER BY 1 LOOP
        EXECUTE format('DROP TABLE %s', old);
        dropped = dropped + 1;
    END LOOP;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION drop_readings_before(date) IS
    'Drops the raw readings of all UTC days before a day, which is a week ago at least. Tells how many partitions went.';
REVOKE EXECUTE ON FUNCTION drop_readings_before(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_readings_before(date) TO tokkatot_worker;

-- A fresh database takes a month of replayed readings and the next days at once.
DO $$
BEGIN
    WHILE make_partition((now() AT TIME ZONE 'UTC')::date - 31, 35) IS NOT NULL LOOP END LOOP;
END
$$;
