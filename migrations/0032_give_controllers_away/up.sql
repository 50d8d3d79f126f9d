-- A controller leaves its farm: by its operator, by a manager who gives it away, or because the farm is forgotten.
-- All three do it in the same way.
ALTER TABLE nodes ADD COLUMN password_ended_at timestamptz;
COMMENT ON COLUMN nodes.password_ended_at IS 'When its password ended because its farm gave it away: nobody knows the one that the broker compares with. NULL once it was given another.';
GRANT SELECT (password_ended_at) ON nodes TO tokkatot_app;

CREATE FUNCTION begin_password() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    IF NEW.password_ended_at IS NOT DISTINCT FROM OLD.password_ended_at THEN
        NEW.password_ended_at := NULL;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION begin_password() IS 'Trigger: whoever gives a controller another password ends that it had none.';
CREATE TRIGGER nodes_begin_password BEFORE UPDATE OF password_hash ON nodes
    FOR EACH ROW WHEN (NEW.password_hash <> OLD.password_hash) EXECUTE FUNCTION begin_password();

CREATE FUNCTION release_node(gone uuid, new_code text, good_until timestamptz, even_running boolean, at timestamptz)
RETURNS TABLE (outcome text, device_ids uuid[], device_names text[])
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM nodes n WHERE n.id = gone FOR NO KEY UPDATE;
    -- who switches one of them holds it
    PERFORM FROM devices d WHERE d.node_id = gone AND d.deleted_at IS NULL ORDER BY d.id FOR NO KEY UPDATE;
    IF NOT even_running THEN
        RETURN QUERY SELECT 'running'::text, array_agg(d.id ORDER BY d.name, d.id),
                array_agg(d.name::text ORDER BY d.name, d.id)
            FROM devices d JOIN nodes n ON n.id = d.node_id
            WHERE d.node_id = gone AND d.deleted_at IS NULL AND n.is_online AND (d.reported_state = 'on'
                OR EXISTS (SELECT FROM device_commands c
                    WHERE c.device_id = d.id AND c.status IN ('queued', 'sent', 'executing')
                        AND c.completed_at IS NULL AND (c.attempts > 0 OR c.status = 'executing')
                        AND c.command_type <> 'off'
                        AND (c.command_params ->> 'value')::float8 IS DISTINCT FROM 0))
            HAVING count(*) > 0;
        IF FOUND THEN
            RETURN;
        END IF;
    END IF;
    UPDATE nodes n SET farm_id = NULL, claimed_at = NULL, claim_code = coalesce(new_code, n.claim_code),
            claim_expires_at = good_until, updated_at = at
        WHERE n.id = gone;
    RETURN QUERY WITH behind AS (
            UPDATE devices d SET deleted_at = at WHERE d.node_id = gone AND d.deleted_at IS NULL
            RETURNING d.id, d.device_id)
        SELECT 'released'::text, coalesce(array_agg(b.id ORDER BY b.id), '{}'),
            coalesce(array_agg(b.device_id::text ORDER BY b.id), '{}') FROM behind b;
END
$$;
COMMENT ON FUNCTION release_node(uuid, text, timestamptz, boolean, timestamptz) IS 'Takes a node from its farm, with another claim code if one is given: released, with the devices that left with it and what the node calls them; or running, with the devices that run and could not be switched off any more, and their names, unless even_running. A node that can not be reached leaves in any case.';

-- Of a node that was on somebody's farm somebody may know the password. It ends, so that nobody but whom its next
-- farm gives another one can speak for it.
CREATE FUNCTION give_node_away(gone uuid, new_code text, good_until timestamptz, new_hash text, at timestamptz)
RETURNS TABLE (outcome text, device_ids uuid[], device_names text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM nodes n WHERE n.id = gone AND n.revoked_at IS NULL AND n.deleted_at IS NULL
        AND may_edit_devices(n.farm_id) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT r.outcome, r.device_ids, r.device_names INTO outcome, device_ids, device_names
        FROM release_node(gone, new_code, good_until, false, at) r;
    IF outcome = 'released' THEN
        -- whether it is connected still is told by those who hear it
        UPDATE nodes n SET password_hash = new_hash, password_ended_at = at WHERE n.id = gone;
    END IF;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION give_node_away(uuid, text, timestamptz, text, timestamptz) IS 'Takes a node from a farm whose hardware who is asking manages, as release_node does, and ends its password. No row if they do not, or there is no such node there.';

REVOKE EXECUTE ON FUNCTION release_node(uuid, text, timestamptz, boolean, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION release_node(uuid, text, timestamptz, boolean, timestamptz) TO tokkatot_worker;
REVOKE EXECUTE ON FUNCTION give_node_away(uuid, text, timestamptz, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION give_node_away(uuid, text, timestamptz, text, timestamptz) TO tokkatot_app;
