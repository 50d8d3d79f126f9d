DROP FUNCTION session_account(text, timestamptz);
DROP FUNCTION sign_in_account(text);
DROP FUNCTION restore_farm(uuid, timestamptz);
DROP FUNCTION deleted_farms(timestamptz);
DROP FUNCTION rotate_sessions_of(uuid, uuid);
DROP FUNCTION second_factor();
DROP FUNCTION forget_people(timestamptz);
DROP FUNCTION people_of(uuid);
DROP FUNCTION own_password_hash();
DROP FUNCTION reset_password(text, text, timestamptz);
DROP FUNCTION reset_code_of(text, timestamptz);
DROP FUNCTION issue_reset_code(uuid, uuid, text, timestamptz, timestamptz);
DROP FUNCTION accept_invitation(text, timestamptz);
DROP FUNCTION invitation_of(text, timestamptz);
DROP TRIGGER users_keep_admins_alive ON users;
DROP FUNCTION keep_admins_alive();
DROP TRIGGER farm_users_keep_an_admin ON farm_users;
DROP FUNCTION keep_an_admin();
DROP TRIGGER user_sessions_announce ON user_sessions;
DROP TRIGGER farm_users_announce ON farm_users;
DROP TRIGGER users_announce ON users;
DROP TRIGGER farms_announce ON farms;
DROP FUNCTION announce_rights();
DROP TRIGGER user_sessions_keep_borrowed_end ON user_sessions;
DROP FUNCTION keep_borrowed_end();
REVOKE INSERT (id, farm_id, name, bird_kind, bird_count, placed_on, position, created_at),
    UPDATE (name, bird_kind, bird_count, placed_on, position, deleted_at) ON houses FROM tokkatot_app;
REVOKE INSERT (farm_id, user_id, role, invited_by, created_at), UPDATE (role, deleted_at) ON farm_users
    FROM tokkatot_app;
REVOKE INSERT (id, owner_id, name, location, timezone, latitude, longitude, created_at),
    UPDATE (name, location, timezone, latitude, longitude, deleted_at) ON farms FROM tokkatot_app;
REVOKE UPDATE (device_name, jwt_token_hash) ON user_sessions FROM tokkatot_app;
REVOKE INSERT (id, email, phone, name, password_hash, language, timezone, created_at),
    UPDATE (email, phone, name, password_hash, timezone, digits, clock, text_size, theme, is_active,
        deleted_at, mfa_enabled) ON users FROM tokkatot_app;
ALTER TABLE user_sessions DROP COLUMN is_borrowed, DROP COLUMN must_rotate;
DROP TRIGGER users_touch ON users;
CREATE TRIGGER users_touch
    BEFORE UPDATE OF email, password_hash, name, phone, language, timezone, role, avatar_url, is_active,
        email_verified, mfa_enabled, deleted_at, username, digits, clock, text_size, theme ON users
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
ALTER TABLE users DROP CONSTRAINT users_mfa_check, DROP COLUMN totp_secret, DROP COLUMN totp_step;
DROP TABLE recovery_codes;
DROP TABLE reset_codes;
DROP TABLE invitations;
CREATE FUNCTION sign_in_account(login text)
RETURNS TABLE (user_id uuid, password_hash text, is_active boolean, language text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.password_hash, u.is_active, u.language::text FROM users u
    WHERE u.deleted_at IS NULL AND (
        lower(u.email) = lower(btrim(login))
        OR lower(u.username) = lower(btrim(login))
        OR u.phone = btrim(login))
$$;
COMMENT ON FUNCTION sign_in_account(text) IS
    'The account of an e-mail address, user name or phone number in its one form, with the hash to check the password by. No row if there is none.';
REVOKE EXECUTE ON FUNCTION sign_in_account(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_account(text) TO tokkatot_app;

CREATE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, user_id uuid, name text, platform_role text, language text, timezone text,
    digits text, clock text, text_size text, theme text, farm_ids uuid[], roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, u.id, u.name, u.role::text,
        u.language::text, u.timezone::text, u.digits, u.clock, u.text_size, u.theme,
        coalesce(member.farm_ids, '{}'), coalesce(member.roles, '{}')
    FROM user_sessions s
    JOIN users u ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL
    CROSS JOIN LATERAL (
        SELECT array_agg(f.id ORDER BY f.created_at, f.id) AS farm_ids,
            array_agg(m.role::text ORDER BY f.created_at, f.id) AS roles
        FROM farm_users m
        JOIN farms f ON f.id = m.farm_id AND f.is_active AND f.deleted_at IS NULL
        WHERE m.user_id = u.id AND m.is_active AND m.deleted_at IS NULL
    ) member
    WHERE s.jwt_token_hash = session_account.token_hash AND s.is_active AND s.deleted_at IS NULL
        AND s.expires_at > session_account.now
$$;
COMMENT ON FUNCTION session_account(text, timestamptz) IS
    'Who a session belongs to, with settings and, oldest farm first, memberships: farm_ids and roles go together. No row if the session or the account has ended.';
REVOKE EXECUTE ON FUNCTION session_account(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_account(text, timestamptz) TO tokkatot_app;
