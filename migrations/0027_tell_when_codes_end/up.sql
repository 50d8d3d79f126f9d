-- The page that shows a reset code again says until when it is good. The release before reads the first two
-- columns by name.
DROP FUNCTION reset_code_of(text, timestamptz);
CREATE FUNCTION reset_code_of(typed_hash text, at timestamptz)
RETURNS TABLE (user_id uuid, name text, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.name, r.expires_at FROM reset_codes r JOIN users u ON u.id = r.user_id
    WHERE r.code_hash = typed_hash AND r.used_at IS NULL AND r.expires_at > at
        AND u.is_active AND u.deleted_at IS NULL
$$;
COMMENT ON FUNCTION reset_code_of(text, timestamptz) IS 'Whose password a reset code may set, and until when. No row if it is worth nothing.';
REVOKE EXECUTE ON FUNCTION reset_code_of(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION reset_code_of(text, timestamptz) TO tokkatot_app;
