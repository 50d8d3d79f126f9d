-- The way in between a password and its second factor, and tokens that change under open pages.

CREATE TABLE sign_in_steps (
    token_hash text PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users,
    password_digest text NOT NULL,
    is_borrowed boolean NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT sign_in_steps_token_hash_check CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT sign_in_steps_password_digest_check CHECK (password_digest ~ '^[0-9a-f]{64}$'),
    CONSTRAINT sign_in_steps_expires_at_check CHECK (expires_at > created_at)
);
CREATE INDEX sign_in_steps_user_id_idx ON sign_in_steps (user_id);
COMMENT ON TABLE sign_in_steps IS 'Sign-ins whose password was right and whose second factor is asked for. No sessions: they open nothing.';
COMMENT ON COLUMN sign_in_steps.token_hash IS 'Lower-case hexadecimal SHA-256 of what the cookie carries.';
COMMENT ON COLUMN sign_in_steps.user_id IS 'Whose password was right.';
COMMENT ON COLUMN sign_in_steps.password_digest IS 'Lower-case hexadecimal SHA-256 of the password hash of that moment: another password ends the step.';
COMMENT ON COLUMN sign_in_steps.is_borrowed IS 'Whether the session is to be one on somebody else''s phone.';
COMMENT ON COLUMN sign_in_steps.created_at IS 'When the password was typed.';
COMMENT ON COLUMN sign_in_steps.expires_at IS 'When it ends by itself.';
ALTER TABLE sign_in_steps ENABLE ROW LEVEL SECURITY;
CREATE POLICY app ON sign_in_steps TO tokkatot_app USING (user_id = (SELECT current_account()));
GRANT SELECT, INSERT (token_hash, user_id, password_digest, is_borrowed, created_at, expires_at), DELETE
    ON sign_in_steps TO tokkatot_app;

CREATE FUNCTION sign_in_step(token_hash text, now timestamptz)
RETURNS TABLE (user_id uuid, language text, is_borrowed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.language::text, s.is_borrowed
    FROM sign_in_steps s
    JOIN users u ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL AND u.mfa_enabled
        AND encode(sha256(convert_to(u.password_hash, 'UTF8')), 'hex') = s.password_digest
    WHERE s.token_hash = sign_in_step.token_hash AND s.expires_at > sign_in_step.now
$$;
COMMENT ON FUNCTION sign_in_step(text, timestamptz) IS
    'Whose second factor is asked for. No row if the step has ended, the account is closed, or its password or second factor changed.';
REVOKE EXECUTE ON FUNCTION sign_in_step(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_step(text, timestamptz) TO tokkatot_app;

-- A page that was asked for just before its session got a new token comes with the old one; and where the
-- answer with the new one was lost, the browser has no other. So the old one ends half a minute after the new
-- one was first seen, or ten minutes after the rotation.
ALTER TABLE user_sessions ADD COLUMN previous_token_hash text, ADD COLUMN rotated_at timestamptz,
    ADD COLUMN confirmed_at timestamptz,
    ADD CONSTRAINT user_sessions_confirmed_check CHECK (confirmed_at IS NULL OR rotated_at IS NOT NULL),
    ADD CONSTRAINT user_sessions_previous_token_hash_check CHECK (previous_token_hash ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT user_sessions_rotated_check CHECK (num_nonnulls(previous_token_hash, rotated_at) <> 1);
CREATE INDEX user_sessions_previous_token_hash_idx ON user_sessions (previous_token_hash);
COMMENT ON COLUMN user_sessions.previous_token_hash IS 'The token before the last rotation: taken until 30 seconds after the new one was first seen, 10 minutes at most; good for another rotation only while the new one was not seen for 30 seconds.';
COMMENT ON COLUMN user_sessions.rotated_at IS 'When the session got its token, if it is not its first.';
COMMENT ON COLUMN user_sessions.confirmed_at IS 'When somebody first came with the token of the last rotation; NULL before, and without a rotation.';
GRANT UPDATE (previous_token_hash, rotated_at, confirmed_at) ON user_sessions TO tokkatot_app;

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

CREATE OR REPLACE FUNCTION end_session(token_hash text, now timestamptz)
RETURNS TABLE (user_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE user_sessions s SET is_active = false, deleted_at = end_session.now
    WHERE (s.jwt_token_hash = end_session.token_hash
            OR s.previous_token_hash = end_session.token_hash
                AND s.rotated_at + interval '10 minutes' > end_session.now
                AND (s.confirmed_at IS NULL
                    OR s.confirmed_at + interval '30 seconds' > end_session.now))
        AND s.is_active AND s.deleted_at IS NULL
    RETURNING s.user_id
$$;
