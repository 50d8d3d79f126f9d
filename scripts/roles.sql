-- The three roles of the database. Run by a superuser, as often as you like; it changes nothing that
-- is already right:
--
--   psql --dbname=postgres --file=scripts/roles.sql
--
-- It sets no passwords; give each role one (\password tokkatot_app) or let pg_hba.conf decide.
-- The database itself is then created once, owned by the owner role, which makes that role the
-- owner of the schema "public" too:
--
--   CREATE DATABASE tokkatot OWNER tokkatot_owner ENCODING 'UTF8' TEMPLATE template0;
--
-- and `tokkatot migrate` (as tokkatot_owner) brings it to the version of the program. No extension
-- is needed.
--
--   tokkatot_owner   owns and changes the schema; for `tokkatot migrate` and for people with SQL
--   tokkatot_app     the web pages; under row-level security it sees only the farms of its request
--   tokkatot_worker  ingest, commands, schedules, alerts; sees every farm, may change no schema
DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['tokkatot_owner', 'tokkatot_app', 'tokkatot_worker'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I', role);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- it is there, or another session has just made it
        END;
        EXECUTE format(
            'ALTER ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
            role);
        -- The program reads a few of the server's words, such as "statement timeout".
        EXECUTE format('ALTER ROLE %I SET lc_messages = ''C''', role);
    END LOOP;
END
$$;

COMMENT ON ROLE tokkatot_owner IS 'Tokkatot: owns the schema; migrations and people with SQL';
COMMENT ON ROLE tokkatot_app IS 'Tokkatot: the web pages, under row-level security';
COMMENT ON ROLE tokkatot_worker IS 'Tokkatot: ingest and background work on every farm';
