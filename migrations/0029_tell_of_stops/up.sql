-- Every page of a farm says so while an emergency stop stands, without a question of its own: the look at the
-- session tells it too. The release before reads the other columns by name.
DROP FUNCTION session_account(text, timestamptz);
CREATE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, is_borrowed boolean, must_rotate boolean, user_id uuid, name text,
    platform_role text, language text, timezone text, digits text, clock text, text_size text,
    theme text, farm_ids uuid[], roles text[], is_current boolean, is_unconfirmed boolean, stops jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, s.is_borrowed,
        s.must_rotate OR (s.jwt_token_hash <> session_account.token_hash AND s.confirmed_at IS NULL
            AND s.rotated_at + interval '30 seconds' <= session_account.now), u.id, u.name, u.role::text, u.language::text, u.timezone::text, u.digits,
        u.clock, u.text_size, u.theme,
        coalesce(member.farm_ids, '{}'), coalesce(member.roles, '{}'),
        s.jwt_token_hash = session_account.token_hash, s.rotated_at IS NOT NULL AND s.confirmed_at IS NULL,
        (SELECT jsonb_agg(jsonb_build_object('farm', e.farm_id, 'zone', f.timezone, 'house', h.name,
                'by', p.name, 'since', (extract(epoch FROM e.pressed_at) * 1000000)::bigint)
                ORDER BY e.pressed_at, e.id)
            FROM emergency_stops e
            JOIN farms f ON f.id = e.farm_id
            JOIN users p ON p.id = e.pressed_by
            LEFT JOIN houses h ON h.id = e.house_id
            WHERE e.farm_id = ANY (member.farm_ids) AND e.released_at IS NULL)
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
    'Who a session belongs to, with settings and, oldest farm first, memberships: farm_ids and roles go together; whether this is its token, not the one before; and whether nobody has come yet with the token of its last rotation; and the emergency stops that stand on these farms, first pressed first: farm, its zone, house (null: the whole farm), by whom and since when in microseconds. No row if the session or the account has ended.';
REVOKE EXECUTE ON FUNCTION session_account(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_account(text, timestamptz) TO tokkatot_app;

-- A controller that sends what nobody can read is shown so until it has been heard for a while without that.
ALTER TABLE nodes ADD COLUMN answers_wrongly_since timestamptz, ADD COLUMN answered_wrongly_at timestamptz,
    ADD COLUMN answered_wrongly_why text,
    ADD CONSTRAINT nodes_answered_wrongly_check CHECK (
        num_nonnulls(answers_wrongly_since, answered_wrongly_at, answered_wrongly_why) IN (0, 3)
        AND answers_wrongly_since <= answered_wrongly_at);
COMMENT ON COLUMN nodes.answers_wrongly_since IS 'Since when it has sent what can not be read, without ten minutes in between that it did not; NULL if it never has.';
COMMENT ON COLUMN nodes.answered_wrongly_at IS 'When it last did, to the minute.';
COMMENT ON COLUMN nodes.answered_wrongly_why IS 'What was wrong, as in quarantine.reason.';
GRANT SELECT (answers_wrongly_since, answered_wrongly_at, answered_wrongly_why) ON nodes TO tokkatot_app;

-- Commands and what devices switched are kept for five years, as the log of events is.
CREATE INDEX switchings_at_idx ON switchings USING brin (at) WITH (autosummarize = on);
GRANT DELETE ON device_commands, switchings TO tokkatot_worker;
