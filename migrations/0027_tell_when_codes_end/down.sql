DROP FUNCTION reset_code_of(text, timestamptz);
CREATE FUNCTION reset_code_of(typed_hash text, at timestamptz)
RETURNS TABLE (user_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.name FROM reset_codes r JOIN users u ON u.id = r.user_id
    WHERE r.code_hash = typed_hash AND r.used_at IS NULL AND r.expires_at > at
        AND u.is_active AND u.deleted_at IS NULL
$$;
COMMENT ON FUNCTION reset_code_of(text, timestamptz) IS 'Whose password a reset code may set. No row if it is worth nothing.';
REVOKE EXECUTE ON FUNCTION reset_code_of(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reset_code_of(text, timestamptz) TO tokkatot_app;
