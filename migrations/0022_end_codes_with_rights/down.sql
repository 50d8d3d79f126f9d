CREATE OR REPLACE FUNCTION invitation_of(typed text, at timestamptz)
RETURNS TABLE (invitation_id uuid, farm_id uuid, farm_name text, invited_role text, invited_by text,
    expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.id, f.id, f.name, i.role::text, u.name, i.expires_at
    FROM invitations i
    JOIN farms f ON f.id = i.farm_id AND f.is_active AND f.deleted_at IS NULL
    JOIN users u ON u.id = i.created_by
    WHERE i.code = typed AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > at
$$;

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
    ELSIF NOT there.is_active OR array_position(rank, there.role) < array_position(rank, invited.role) THEN
        UPDATE farm_users m SET is_active = true,
                role = CASE WHEN array_position(rank, m.role) < array_position(rank, invited.role)
                    THEN invited.role ELSE m.role END
            WHERE m.id = there.id;
    END IF;
    RETURN QUERY SELECT m.farm_id, m.role::text FROM farm_users m
        WHERE m.farm_id = invited.farm_id AND m.user_id = current_account() AND m.deleted_at IS NULL;
END
$$;

DROP FUNCTION may_invite(uuid, uuid, user_role);
DROP TRIGGER users_end_reset_codes ON users;
DROP TRIGGER farm_users_end_reset_codes ON farm_users;
DROP FUNCTION end_reset_codes();
