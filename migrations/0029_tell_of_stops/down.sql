REVOKE DELETE ON device_commands, switchings FROM tokkatot_worker;
DROP INDEX switchings_at_idx;

ALTER TABLE nodes DROP COLUMN answered_wrongly_why, DROP COLUMN answered_wrongly_at,
    DROP COLUMN answers_wrongly_since;

DROP FUNCTION session_account(text, timestamptz);
CREATE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, is_borrowed boolean, must_rotate boolean, user_id uuid, name text,
    platform_role text, language text, timezone text, digits text, clock text, text_size text,
    theme text, farm_ids uuid[], roles text[], is_current boolean, is_unconfirmed boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, s.is_borrowed,
        s.must_rotate OR (s.jwt_token_hash <> session_account.token_hash AND s.confirmed_at IS NULL
            AND s.rotated_at + interval '30 seconds' <= session_account.now), u.id, u.name, u.role::text, u.language::text, u.timezone::text, u.digits,
        u.clock, u.text_size, u.theme,
        coalesce(member.farm_ids, '{}'), coalesce(member.roles, '{}'),
        s.jwt_token_hash = session_account.token_hash, s.rotated_at IS NOT NULL AND s.confirmed_at IS NULL
    FROM user_sessions s
    JOIN users u ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL
    CROSS JOIN LATERAL (
        SELECT array_agg(f.id ORDER BY f.created_at, f.id) AS farm_ids,
            array_agg(m.role::text ORDER BY f.created_at, f.id) AS roles
        FROM farm_users m
        JOIN farms f ON f.id = m.farm_id AND f.is_active AND f.deleted_at IS NULL
        WHERE m.user_id = u.id AND m.is_active AND m.deleted_at IS NULL
    ) member
    WHERE (s.jwt_token_hash = session_account.token_hash
            OR s.previous_token_hash = session_account.token_hash
                AND s.rotated_at + interval '10 minutes' > session_account.now
                AND (s.confirmed_at IS NULL
                    OR s.confirmed_at + interval '30 seconds' > session_account.now))
        AND s.is_active AND s.deleted_at IS NULL
        AND s.expires_at > session_account.now;
END
$$;
COMMENT ON FUNCTION session_account(text, timestamptz) IS
    'Who a session belongs to, with settings and, oldest farm first, memberships: farm_ids and roles go together; whether this is its token, not the one before; and whether nobody has come yet with the token of its last rotation. No row if the session or the account has ended.';
REVOKE EXECUTE ON FUNCTION session_account(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_account(text, timestamptz) TO tokkatot_app;
