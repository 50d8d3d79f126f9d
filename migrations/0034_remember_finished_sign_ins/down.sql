DROP FUNCTION is_sign_in_finished(text, timestamptz);
-- without the column they would be open again
DELETE FROM sign_in_steps WHERE finished_at IS NOT NULL;
CREATE OR REPLACE FUNCTION sign_in_step(token_hash text, now timestamptz)
RETURNS TABLE (user_id uuid, language text, is_borrowed boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.language::text, s.is_borrowed
    FROM sign_in_steps s
    JOIN users u ON u.id = s.user_id AND u.is_active AND u.deleted_at IS NULL AND u.mfa_enabled
        AND encode(sha256(convert_to(u.password_hash, 'UTF8')), 'hex') = s.password_digest
    WHERE s.token_hash = sign_in_step.token_hash AND s.expires_at > sign_in_step.now
$$;
ALTER TABLE sign_in_steps DROP COLUMN finished_at;
