-- A second tap on the last step of a sign-in may come when the first one has ended it. The step stays until its
-- minutes are over and tells just that.
ALTER TABLE sign_in_steps ADD COLUMN finished_at timestamptz;
COMMENT ON COLUMN sign_in_steps.finished_at IS 'When the second factor ended it: from then on it tells that and nothing else. NULL before.';
GRANT UPDATE (finished_at) ON sign_in_steps TO tokkatot_app;

CREATE OR REPLACE FUNCTION sign_in_step(token_hash text, now timestamptz)
RETURNS TABLE (user_id uuid, language text, is_borrowed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.language::text, s.is_borrowed
    FROM sign_in_steps s
    JOIN users u ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL AND u.mfa_enabled
        AND encode(sha256(convert_to(u.password_hash, 'UTF8')), 'hex') = s.password_digest
    WHERE s.token_hash = sign_in_step.token_hash AND s.expires_at > sign_in_step.now
        AND s.finished_at IS NULL
$$;

CREATE FUNCTION is_sign_in_finished(token_hash text, now timestamptz)
RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM sign_in_steps s
        WHERE s.token_hash = is_sign_in_finished.token_hash AND s.expires_at > is_sign_in_finished.now
            AND s.finished_at IS NOT NULL)
$$;
COMMENT ON FUNCTION is_sign_in_finished(text, timestamptz) IS
    'Whether a second factor has ended the step of this token, whose minutes are not over. It tells nothing of whose it was.';
REVOKE EXECUTE ON FUNCTION is_sign_in_finished(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_sign_in_finished(text, timestamptz) TO tokkatot_app;
