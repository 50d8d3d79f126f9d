-- A browser may always give its session up, also when the account behind it is locked or deleted: so by
-- the token alone, before anyone knows who is asking.
CREATE FUNCTION end_session(token_hash text, now timestamptz)
RETURNS TABLE (user_id uuid)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE user_sessions s SET is_active = false, deleted_at = end_session.now
    WHERE s.jwt_token_hash = end_session.token_hash AND s.is_active AND s.deleted_at IS NULL
    RETURNING s.user_id
$$;
COMMENT ON FUNCTION end_session(text, timestamptz) IS
    'Ends a session for good, and tells whose it was. No row if there is none or it has been ended before.';
REVOKE EXECUTE ON FUNCTION end_session(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_session(text, timestamptz) TO tokkatot_app;
