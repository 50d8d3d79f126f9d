DROP FUNCTION session_account(text, timestamptz);
CREATE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, is_borrowed boolean, must_rotate boolean, user_id uuid, name text,
    platform_role text, language text, timezone text, digits text, clock text, text_size text,
    theme text, farm_ids uuid[], roles text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, s.is_borrowed,
        s.must_rotate, u.id, u.name, u.role::text, u.language::text, u.timezone::text, u.digits,
        u.clock, u.text_size, u.theme,
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
        AND s.expires_at > session_account.now;
END
$$;
COMMENT ON FUNCTION session_account(text, timestamptz) IS
    'Who a session belongs to, with settings and, oldest farm first, memberships: farm_ids and roles go together. No row if the session or the account has ended.';
REVOKE EXECUTE ON FUNCTION session_account(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_account(text, timestamptz) TO tokkatot_app;

CREATE OR REPLACE FUNCTION end_session(token_hash text, now timestamptz)
RETURNS TABLE (user_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE user_sessions s SET is_active = false, deleted_at = end_session.now
    WHERE s.jwt_token_hash = end_session.token_hash AND s.is_active AND s.deleted_at IS NULL
    RETURNING s.user_id
$$;

ALTER TABLE user_sessions DROP COLUMN previous_token_hash, DROP COLUMN rotated_at, DROP COLUMN confirmed_at;
DROP FUNCTION sign_in_step(text, timestamptz);
DROP TABLE sign_in_steps;
