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
            avatar_url = NULL, mfa_enabled = false, totp_secret = NULL
        WHERE deleted_at <= at - interval '30 days' AND username IS DISTINCT FROM 'deleted-' || id
        RETURNING id),
    traces AS (
        DELETE FROM user_sessions s USING people WHERE s.user_id = people.id RETURNING 1)
    SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM doors)
        + (SELECT count(*) FROM gone) + (SELECT count(*) FROM people)
$$;
COMMENT ON FUNCTION forget_people(timestamptz) IS 'Takes names off farms and accounts deleted more than 30 days ago, and drops codes and invitations that ended more than 90 days ago; how many of all.';

CREATE OR REPLACE FUNCTION issue_reset_code(farm uuid, forgetful uuid, code_hash text, at timestamptz, until timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rank CONSTANT user_role[] := ARRAY['viewer', 'keeper', 'manager', 'admin']::user_role[];
    issuer user_role;
    target user_role;
BEGIN
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
