-- The form of a new password may be sent twice: the second is told what the first has done, if it sets the same.
-- A code that another one has replaced looks used as well, and has set nothing.
CREATE FUNCTION used_reset_code_of(typed_hash text, since timestamptz)
RETURNS TABLE (user_id uuid, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.password_hash FROM reset_codes r JOIN users u ON u.id = r.user_id
    WHERE r.code_hash = typed_hash AND r.used_at > since AND u.is_active AND u.deleted_at IS NULL
        AND EXISTS (SELECT FROM event_logs e WHERE e.user_id = r.user_id AND e.created_at = r.used_at
            AND e.event_type = 'password_reset')
$$;
COMMENT ON FUNCTION used_reset_code_of(text, timestamptz) IS 'Whose password a reset code has set since a time, and what it is checked by now. No row if it has set none.';
REVOKE EXECUTE ON FUNCTION used_reset_code_of(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION used_reset_code_of(text, timestamptz) TO tokkatot_app;
