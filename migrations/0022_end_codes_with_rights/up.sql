-- A code is worth no more than the rights of who made it, at the moment it is used.

CREATE FUNCTION end_reset_codes()
RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    person CONSTANT uuid := CASE TG_TABLE_NAME WHEN 'users' THEN to_jsonb(NEW) ->> 'id'
        ELSE to_jsonb(NEW) ->> 'user_id' END;
BEGIN
    -- the same lock as issue_reset_code's: what is issued at the same time is there by now, or is refused
    PERFORM FROM users u WHERE u.id = person FOR NO KEY UPDATE;
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

CREATE OR REPLACE FUNCTION issue_reset_code(farm uuid, forgetful uuid, code_hash text, at timestamptz, until timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rank CONSTANT user_role[] := ARRAY['viewer', 'keeper', 'manager', 'admin']::user_role[];
    issuer user_role;
    target user_role;
BEGIN
    -- their rights stay as they are until the code is there to be ended with them
    PERFORM FROM users u WHERE u.id IN (current_account(), forgetful) ORDER BY u.id FOR NO KEY UPDATE;
    SELECT m.role INTO issuer FROM farm_users m
        WHERE m.farm_id = farm AND m.user_id = current_account() AND m.is_active AND m.deleted_at IS NULL;
    SELECT m.role INTO target FROM farm_users m JOIN users u ON u.id = m.user_id
        WHERE m.farm_id = farm AND m.user_id = forgetful AND m.is_active AND m.deleted_at IS NULL
            AND u.is_active AND u.deleted_at IS NULL AND u.role <> 'admin';
    IF issuer IS NULL OR target IS NULL OR issuer NOT IN ('manager', 'admin')
        OR array_position(rank, target) >= array_position(rank, issuer)
        OR EXISTS (SELECT FROM farm_users m WHERE m.user_id = forgetful AND m.farm_id <> farm
            AND m.deleted_at IS NULL)
    THEN
        RETURN false;
    END IF;
    UPDATE reset_codes r SET used_at = at WHERE r.user_id = forgetful AND r.used_at IS NULL;
    INSERT INTO reset_codes (user_id, code_hash, issued_by, created_at, expires_at)
        VALUES (forgetful, issue_reset_code.code_hash, current_account(), at, until);
    RETURN true;
END
$$;

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

-- What has ended goes: no password has that hash.
CREATE OR REPLACE FUNCTION forget_people(at timestamptz)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH codes AS (
        DELETE FROM reset_codes WHERE expires_at < at - interval '90 days' RETURNING 1),
    doors AS (
        DELETE FROM invitations WHERE expires_at < at - interval '90 days' RETURNING 1),
    gone AS (
        UPDATE farms SET name = '-', location = NULL, latitude = NULL, longitude = NULL,
            description = NULL, image_url = NULL
        WHERE deleted_at <= at - interval '30 days' AND (name <> '-'
            OR num_nonnulls(location, latitude, longitude, description, image_url) > 0) RETURNING id),
    coops AS (
        UPDATE houses h SET name = '-' FROM gone WHERE h.farm_id = gone.id RETURNING 1),
    memberships AS (
        UPDATE farm_users m SET deleted_at = at FROM gone
        WHERE m.farm_id = gone.id AND m.deleted_at IS NULL RETURNING 1),
    people AS (
        UPDATE users SET name = '-', email = NULL, phone = NULL, username = 'deleted-' || id,
            avatar_url = NULL, mfa_enabled = false, totp_secret = NULL, password_hash = repeat('-', 60)
        WHERE deleted_at <= at - interval '30 days' AND (username IS DISTINCT FROM 'deleted-' || id
            OR password_hash <> repeat('-', 60))
        RETURNING id),
    recoveries AS (
        DELETE FROM recovery_codes c USING people WHERE c.user_id = people.id RETURNING 1),
    steps AS (
        DELETE FROM sign_in_steps WHERE expires_at <= at RETURNING 1),
    traces AS (
        DELETE FROM user_sessions s WHERE s.deleted_at <= at - interval '30 days'
            OR s.expires_at <= at - interval '30 days'
            OR s.user_id IN (SELECT people.id FROM people) RETURNING 1)
    SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM doors)
        + (SELECT count(*) FROM gone) + (SELECT count(*) FROM people)
$$;
COMMENT ON FUNCTION forget_people(timestamptz) IS 'Takes names and secrets off farms and accounts deleted more than 30 days ago, and drops codes and invitations that ended more than 90 days ago; how many of all. Also drops sessions that ended more than 30 days ago, and sign-ins that were not finished.';
