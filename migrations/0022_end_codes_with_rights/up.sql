-- A code is worth no more than the rights of who made it, at the moment it is used.

CREATE FUNCTION end_reset_codes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person CONSTANT uuid := CASE TG_TABLE_NAME WHEN 'users' THEN to_jsonb(NEW) ->> 'id'
        ELSE to_jsonb(NEW) ->> 'user_id' END;
BEGIN
    -- the operator's codes have no issuer, and go on
    DELETE FROM reset_codes r WHERE r.used_at IS NULL AND r.issued_by IS NOT NULL
        AND person IN (r.user_id, r.issued_by);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION end_reset_codes() IS 'Trigger: takes back the reset codes that somebody issued, or that were issued for them, when their rights change.';
CREATE TRIGGER farm_users_end_reset_codes AFTER INSERT OR UPDATE OF role, is_active, deleted_at ON farm_users
    FOR EACH ROW EXECUTE FUNCTION end_reset_codes();
CREATE TRIGGER users_end_reset_codes AFTER UPDATE OF role, is_active, deleted_at ON users
    FOR EACH ROW EXECUTE FUNCTION end_reset_codes();
REVOKE EXECUTE ON FUNCTION end_reset_codes() FROM PUBLIC;

CREATE FUNCTION may_invite(farm uuid, inviter uuid, invited user_role)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM farm_users m JOIN users u ON u.id = m.user_id
        WHERE m.farm_id = farm AND m.user_id = inviter
            AND (m.role = 'admin' OR m.role = 'manager' AND invited IN ('viewer', 'keeper'))
            AND m.is_active AND m.deleted_at IS NULL AND u.is_active AND u.deleted_at IS NULL)
$$;
COMMENT ON FUNCTION may_invite(uuid, uuid, user_role) IS 'Whether somebody may bring others into a farm with a role, now (domain: Role::may_invite).';
REVOKE EXECUTE ON FUNCTION may_invite(uuid, uuid, user_role) FROM PUBLIC;

CREATE OR REPLACE FUNCTION invitation_of(typed text, at timestamptz)
RETURNS TABLE (invitation_id uuid, farm_id uuid, farm_name text, invited_role text, invited_by text,
    expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.id, f.id, f.name, i.role::text, u.name, i.expires_at
    FROM invitations i
    JOIN farms f ON f.id = i.farm_id AND f.is_active AND f.deleted_at IS NULL
    JOIN users u ON u.id = i.created_by
    WHERE i.code = typed AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > at
        AND may_invite(i.farm_id, i.created_by, i.role)
$$;

-- The stronger role stays: an invitation never takes a right away. Who was suspended stays so.
CREATE OR REPLACE FUNCTION accept_invitation(typed text, at timestamptz)
RETURNS TABLE (farm_id uuid, given_role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    invited invitations;
    rank CONSTANT user_role[] := ARRAY['viewer', 'keeper', 'manager', 'admin']::user_role[];
    there farm_users;
BEGIN
    IF current_account() IS NULL THEN
        RETURN;
    END IF;
    UPDATE invitations i SET used_at = at, used_by = current_account()
        FROM farms f
        WHERE i.code = typed AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > at
            AND f.id = i.farm_id AND f.is_active AND f.deleted_at IS NULL
            AND may_invite(i.farm_id, i.created_by, i.role)
            AND NOT EXISTS (SELECT FROM farm_users m WHERE m.farm_id = i.farm_id
                AND m.user_id = current_account() AND m.deleted_at IS NULL AND NOT m.is_active)
        RETURNING i.* INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT m.* INTO there FROM farm_users m
        WHERE m.farm_id = invited.farm_id AND m.user_id = current_account() AND m.deleted_at IS NULL
        FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO farm_users (farm_id, user_id, role, invited_by, created_at)
            VALUES (invited.farm_id, current_account(), invited.role, invited.created_by, at);
    ELSIF array_position(rank, there.role) < array_position(rank, invited.role) THEN
        UPDATE farm_users m SET role = invited.role WHERE m.id = there.id;
    END IF;
    RETURN QUERY SELECT m.farm_id, m.role::text FROM farm_users m
        WHERE m.farm_id = invited.farm_id AND m.user_id = current_account() AND m.deleted_at IS NULL;
END
$$;
