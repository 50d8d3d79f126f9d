-- Invitations, forgotten passwords, second factors, borrowed phones; and no farm without an admin.

CREATE TABLE invitations (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    code text NOT NULL,
    role user_role NOT NULL,
    created_by uuid NOT NULL REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by uuid REFERENCES users,
    revoked_at timestamptz,
    CONSTRAINT invitations_code_key UNIQUE (code),
    -- No 0, O, 1 or I: they are read out and typed by people.
    CONSTRAINT invitations_code_check CHECK (code ~ '^[2-9A-HJ-NP-Z]{8}$'),
    CONSTRAINT invitations_expires_at_check CHECK (expires_at > created_at),
    CONSTRAINT invitations_used_check CHECK (num_nonnulls(used_at, used_by) <> 1)
);
CREATE INDEX invitations_farm_id_idx ON invitations (farm_id);
CREATE INDEX invitations_created_by_idx ON invitations (created_by);
CREATE INDEX invitations_used_by_idx ON invitations (used_by);
COMMENT ON TABLE invitations IS 'Ways into a farm: each lets one person in, once, with a role, until it expires or is taken back.';
COMMENT ON COLUMN invitations.id IS 'Identity.';
COMMENT ON COLUMN invitations.farm_id IS 'The farm it leads to.';
COMMENT ON COLUMN invitations.code IS 'What is typed, scanned or sent as a link. Worth nothing once used, revoked or expired.';
COMMENT ON COLUMN invitations.role IS 'What the person may do there.';
COMMENT ON COLUMN invitations.created_by IS 'Who invites.';
COMMENT ON COLUMN invitations.created_at IS 'When it was made.';
COMMENT ON COLUMN invitations.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN invitations.used_at IS 'When somebody came by it.';
COMMENT ON COLUMN invitations.used_by IS 'Who came by it.';
COMMENT ON COLUMN invitations.revoked_at IS 'When it was taken back.';

CREATE TABLE reset_codes (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    code_hash text NOT NULL,
    issued_by uuid REFERENCES users,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT reset_codes_code_hash_key UNIQUE (code_hash),
    CONSTRAINT reset_codes_code_hash_check CHECK (code_hash ~ '^[0-9a-f]{64}$'),
    CONSTRAINT reset_codes_expires_at_check CHECK (expires_at > created_at)
);
CREATE INDEX reset_codes_user_id_idx ON reset_codes (user_id);
CREATE INDEX reset_codes_issued_by_idx ON reset_codes (issued_by);
COMMENT ON TABLE reset_codes IS 'One-time codes for people who forgot their password. Shown once to whoever issues them.';
COMMENT ON COLUMN reset_codes.id IS 'Identity.';
COMMENT ON COLUMN reset_codes.user_id IS 'Who may set a new password.';
COMMENT ON COLUMN reset_codes.code_hash IS 'Lower-case hexadecimal SHA-256 of the code.';
COMMENT ON COLUMN reset_codes.issued_by IS 'Who issued it; NULL for the operator at the command line.';
COMMENT ON COLUMN reset_codes.created_at IS 'When it was issued.';
COMMENT ON COLUMN reset_codes.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN reset_codes.used_at IS 'When it was used, or made worthless by a newer one.';

CREATE TABLE recovery_codes (
    user_id uuid NOT NULL REFERENCES users,
    code_hash text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz,
    PRIMARY KEY (user_id, code_hash),
    CONSTRAINT recovery_codes_code_hash_check CHECK (code_hash ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE recovery_codes IS 'One-time codes in place of the second factor, for whoever has lost the phone.';
COMMENT ON COLUMN recovery_codes.user_id IS 'Whose they are.';
COMMENT ON COLUMN recovery_codes.code_hash IS 'Lower-case hexadecimal SHA-256 of the code.';
COMMENT ON COLUMN recovery_codes.created_at IS 'When it was made.';
COMMENT ON COLUMN recovery_codes.used_at IS 'When it was used.';

ALTER TABLE users ADD COLUMN totp_secret bytea, ADD COLUMN totp_step bigint,
    ADD CONSTRAINT users_totp_secret_check CHECK (octet_length(totp_secret) >= 20),
    ADD CONSTRAINT users_mfa_check CHECK (NOT mfa_enabled OR totp_secret IS NOT NULL);
DROP TRIGGER users_touch ON users;
CREATE TRIGGER users_touch
    BEFORE UPDATE OF email, password_hash, name, phone, language, timezone, role, avatar_url, is_active,
        email_verified, mfa_enabled, deleted_at, username, digits, clock, text_size, theme, totp_secret ON users
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON COLUMN users.totp_secret IS 'Shared secret of the second factor (RFC 6238); asked for once mfa_enabled is true.';
COMMENT ON COLUMN users.totp_step IS 'The newest 30-second step whose code was taken: no code works twice.';

ALTER TABLE user_sessions ADD COLUMN is_borrowed boolean NOT NULL DEFAULT false,
    ADD COLUMN must_rotate boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN user_sessions.is_borrowed IS 'On somebody else''s phone: its end is fixed, and its cookie goes with the browser.';
COMMENT ON COLUMN user_sessions.must_rotate IS 'The next request gets a new token, since the person''s rights have changed.';

-- No farm is ever without an admin: what would leave it so is refused, also in a race.
CREATE FUNCTION keep_an_admin() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.role = 'admin' AND OLD.is_active AND OLD.deleted_at IS NULL
        AND NOT (NEW.role = 'admin' AND NEW.is_active AND NEW.deleted_at IS NULL)
    THEN
        PERFORM FROM farms WHERE id = OLD.farm_id FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM farms WHERE id = OLD.farm_id AND deleted_at IS NULL)
            AND NOT EXISTS (SELECT FROM farm_users m
                JOIN users u ON u.id = m.user_id AND u.is_active AND u.deleted_at IS NULL
                WHERE m.farm_id = OLD.farm_id AND m.id <> OLD.id AND m.role = 'admin'
                    AND m.is_active AND m.deleted_at IS NULL)
        THEN
            RAISE EXCEPTION 'a farm needs an admin'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'farm_users_last_admin';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION keep_an_admin() IS 'Refuses to remove, suspend or demote a farm''s last admin; one after the other per farm.';
CREATE TRIGGER farm_users_keep_an_admin BEFORE UPDATE ON farm_users
    FOR EACH ROW EXECUTE FUNCTION keep_an_admin();

CREATE FUNCTION keep_admins_alive() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    farm uuid;
BEGIN
    IF OLD.is_active AND OLD.deleted_at IS NULL AND NOT (NEW.is_active AND NEW.deleted_at IS NULL) THEN
        FOR farm IN SELECT f.id FROM farms f JOIN farm_users m ON m.farm_id = f.id
            WHERE m.user_id = OLD.id AND m.role = 'admin' AND m.is_active AND m.deleted_at IS NULL
                AND f.deleted_at IS NULL
            ORDER BY f.id FOR NO KEY UPDATE OF f
        LOOP
            IF NOT EXISTS (SELECT FROM farm_users m
                JOIN users u ON u.id = m.user_id AND u.is_active AND u.deleted_at IS NULL
                WHERE m.farm_id = farm AND m.user_id <> OLD.id AND m.role = 'admin'
                    AND m.is_active AND m.deleted_at IS NULL)
            THEN
                RAISE EXCEPTION 'a farm needs an admin'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'farm_users_last_admin';
            END IF;
        END LOOP;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION keep_admins_alive() IS 'Refuses to deactivate or delete the account of a farm''s last admin.';
CREATE TRIGGER users_keep_admins_alive BEFORE UPDATE OF is_active, deleted_at ON users
    FOR EACH ROW EXECUTE FUNCTION keep_admins_alive();

-- A borrowed phone's session ends when it was to end, whoever uses it meanwhile.
CREATE FUNCTION keep_borrowed_end() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    NEW.expires_at = least(OLD.expires_at, NEW.expires_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION keep_borrowed_end() IS 'Trigger: lets nothing put a borrowed session''s end off.';
CREATE TRIGGER user_sessions_keep_borrowed_end BEFORE UPDATE OF expires_at ON user_sessions
    FOR EACH ROW WHEN (OLD.is_borrowed) EXECUTE FUNCTION keep_borrowed_end();

-- Who may see and do what with them.
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY worker ON invitations TO tokkatot_worker USING (true);
CREATE POLICY app ON invitations TO tokkatot_app
    USING (farm_id = ANY ((SELECT current_farms())::uuid[]));
GRANT SELECT, INSERT (id, farm_id, code, role, created_by, created_at, expires_at),
    UPDATE (revoked_at) ON invitations TO tokkatot_app;
GRANT SELECT (id, farm_id, role, created_at, expires_at, used_at, revoked_at) ON invitations
    TO tokkatot_worker;

ALTER TABLE reset_codes ENABLE ROW LEVEL SECURITY;

ALTER TABLE recovery_codes ENABLE ROW LEVEL SECURITY;
CREATE POLICY app ON recovery_codes TO tokkatot_app USING (user_id = (SELECT current_account()));
GRANT SELECT, INSERT (user_id, code_hash, created_at), UPDATE (used_at), DELETE ON recovery_codes
    TO tokkatot_app;

-- People keep their own accounts; the app makes nobody an operator.
GRANT SELECT (totp_step),
    INSERT (id, email, phone, name, password_hash, language, timezone, created_at),
    UPDATE (email, phone, name, password_hash, timezone, digits, clock, text_size, theme, is_active,
        deleted_at, mfa_enabled, totp_secret, totp_step)
    ON users TO tokkatot_app;
GRANT INSERT (is_borrowed), UPDATE (device_name, jwt_token_hash, must_rotate) ON user_sessions
    TO tokkatot_app;
GRANT INSERT (id, owner_id, name, location, timezone, latitude, longitude, created_at),
    UPDATE (name, location, timezone, latitude, longitude, deleted_at) ON farms TO tokkatot_app;
GRANT INSERT (farm_id, user_id, role, invited_by, created_at), UPDATE (role, deleted_at) ON farm_users
    TO tokkatot_app;
GRANT INSERT (id, farm_id, name, bird_kind, bird_count, placed_on, position, created_at),
    UPDATE (name, bird_kind, bird_count, placed_on, position, deleted_at) ON houses TO tokkatot_app;

-- Open pages look at once whether they may go on: channel tokkatot_people tells whose rights have
-- changed, on which farm, and when (microseconds since 1970).
CREATE FUNCTION announce_rights() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    changed jsonb = to_jsonb(NEW);
    about farm_users;
BEGIN
    FOR about IN
        SELECT * FROM farm_users m
            WHERE TG_TABLE_NAME = 'farm_users' AND m.id = (changed ->> 'id')::uuid
        UNION ALL SELECT * FROM farm_users m
            WHERE TG_TABLE_NAME = 'farms' AND m.farm_id = (changed ->> 'id')::uuid
                AND m.deleted_at IS NULL
        UNION ALL SELECT * FROM farm_users m
            WHERE TG_TABLE_NAME IN ('users', 'user_sessions') AND m.deleted_at IS NULL
                AND m.user_id = (changed ->> CASE TG_TABLE_NAME WHEN 'users' THEN 'id' ELSE 'user_id' END)::uuid
    LOOP
        PERFORM pg_notify('tokkatot_people', json_build_object('farm', about.farm_id,
            'user', about.user_id, 'at', (extract(epoch FROM now()) * 1000000)::bigint)::text);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION announce_rights() IS 'Trigger: tells tokkatot_people whose rights changed on which farm.';
CREATE TRIGGER user_sessions_announce AFTER UPDATE OF is_active, deleted_at ON user_sessions
    FOR EACH ROW WHEN (OLD.is_active AND NOT NEW.is_active
        OR OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL)
    EXECUTE FUNCTION announce_rights();
CREATE TRIGGER farm_users_announce AFTER UPDATE OF role, is_active, deleted_at ON farm_users
    FOR EACH ROW WHEN ((OLD.role, OLD.is_active, OLD.deleted_at)
        IS DISTINCT FROM (NEW.role, NEW.is_active, NEW.deleted_at))
    EXECUTE FUNCTION announce_rights();
CREATE TRIGGER users_announce AFTER UPDATE OF is_active, deleted_at ON users
    FOR EACH ROW WHEN ((OLD.is_active, OLD.deleted_at) IS DISTINCT FROM (NEW.is_active, NEW.deleted_at))
    EXECUTE FUNCTION announce_rights();
CREATE TRIGGER farms_announce AFTER UPDATE OF is_active, deleted_at ON farms
    FOR EACH ROW WHEN ((OLD.is_active, OLD.deleted_at) IS DISTINCT FROM (NEW.is_active, NEW.deleted_at))
    EXECUTE FUNCTION announce_rights();

-- What row-level security rightly keeps from the app, as the few things it may do all the same.
CREATE FUNCTION invitation_of(typed text, at timestamptz)
RETURNS TABLE (invitation_id uuid, farm_id uuid, farm_name text, invited_role text, invited_by text,
    expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT i.id, f.id, f.name, i.role::text, u.name, i.expires_at
    FROM invitations i
    JOIN farms f ON f.id = i.farm_id AND f.is_active AND f.deleted_at IS NULL
    JOIN users u ON u.id = i.created_by
    WHERE i.code = typed AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > at
$$;
COMMENT ON FUNCTION invitation_of(text, timestamptz) IS 'What an invitation''s code leads to. No row if it is used, revoked, expired or was never made.';

-- The stronger role stays: an invitation never takes a right away.
CREATE FUNCTION accept_invitation(typed text, at timestamptz)
RETURNS TABLE (farm_id uuid, given_role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    invited invitations;
    rank CONSTANT user_role[] := ARRAY['viewer', 'keeper', 'manager', 'admin']::user_role[];
    there farm_users;
BEGIN
    IF current_account() IS NULL THEN
        RETURN;
    END IF;
    UPDATE invitations i SET used_at = at, used_by = current_account()
        FROM farms f
        WHERE i.code = typed AND i.used_at IS NULL AND i.revoked_at IS NULL AND i.expires_at > at
            AND f.id = i.farm_id AND f.is_active AND f.deleted_at IS NULL
        RETURNING i.* INTO invited;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT m.* INTO there FROM farm_users m
        WHERE m.farm_id = invited.farm_id AND m.user_id = current_account() AND m.deleted_at IS NULL
        FOR UPDATE;
    IF NOT FOUND THEN
        INSERT INTO farm_users (farm_id, user_id, role, invited_by, created_at)
            VALUES (invited.farm_id, current_account(), invited.role, invited.created_by, at);
    ELSIF NOT there.is_active OR array_position(rank, there.role) < array_position(rank, invited.role) THEN
        UPDATE farm_users m SET is_active = true,
                role = CASE WHEN array_position(rank, m.role) < array_position(rank, invited.role)
                    THEN invited.role ELSE m.role END
            WHERE m.id = there.id;
    END IF;
    RETURN QUERY SELECT m.farm_id, m.role::text FROM farm_users m
        WHERE m.farm_id = invited.farm_id AND m.user_id = current_account() AND m.deleted_at IS NULL;
END
$$;
COMMENT ON FUNCTION accept_invitation(text, timestamptz) IS 'Makes who is asking a member by an invitation, once. No row if the code is worth nothing.';

-- data-model: by a manager or admin, for members ranked below them who belong to no other farm.
CREATE FUNCTION issue_reset_code(farm uuid, forgetful uuid, code_hash text, at timestamptz, until timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    rank CONSTANT user_role[] := ARRAY['viewer', 'keeper', 'manager', 'admin']::user_role[];
    issuer user_role;
    target user_role;
BEGIN
    SELECT m.role INTO issuer FROM farm_users m
        WHERE m.farm_id = farm AND m.user_id = current_account() AND m.is_active AND m.deleted_at IS NULL;
    SELECT m.role INTO target FROM farm_users m JOIN users u ON u.id = m.user_id
        WHERE m.farm_id = farm AND m.user_id = forgetful AND m.is_active AND m.deleted_at IS NULL
            AND u.is_active AND u.deleted_at IS NULL AND u.role <> 'admin';
    IF issuer IS NULL OR target IS NULL OR issuer NOT IN ('manager', 'admin')
        OR array_position(rank, target) >= array_position(rank, issuer)
        OR EXISTS (SELECT FROM farm_users m WHERE m.user_id = forgetful AND m.farm_id <> farm
            AND m.deleted_at IS NULL)
    THEN
        RETURN false;
    END IF;
    UPDATE reset_codes r SET used_at = at WHERE r.user_id = forgetful AND r.used_at IS NULL;
    INSERT INTO reset_codes (user_id, code_hash, issued_by, created_at, expires_at)
        VALUES (forgetful, issue_reset_code.code_hash, current_account(), at, until);
    RETURN true;
END
$$;
COMMENT ON FUNCTION issue_reset_code(uuid, uuid, text, timestamptz, timestamptz) IS 'Lets a member who forgot the password set a new one; false if who is asking has no right to that.';

CREATE FUNCTION reset_code_of(typed_hash text, at timestamptz)
RETURNS TABLE (user_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.name FROM reset_codes r JOIN users u ON u.id = r.user_id
    WHERE r.code_hash = typed_hash AND r.used_at IS NULL AND r.expires_at > at
        AND u.is_active AND u.deleted_at IS NULL
$$;
COMMENT ON FUNCTION reset_code_of(text, timestamptz) IS 'Whose password a reset code may set. No row if it is worth nothing.';

CREATE FUNCTION reset_password(typed_hash text, new_password_hash text, at timestamptz)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    forgetful uuid;
BEGIN
    UPDATE reset_codes r SET used_at = at FROM users u
        WHERE r.code_hash = typed_hash AND r.used_at IS NULL AND r.expires_at > at
            AND u.id = r.user_id AND u.is_active AND u.deleted_at IS NULL
        RETURNING r.user_id INTO forgetful;
    IF forgetful IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE users u SET password_hash = new_password_hash WHERE u.id = forgetful;
    UPDATE user_sessions s SET is_active = false, deleted_at = at
        WHERE s.user_id = forgetful AND s.is_active;
    RETURN forgetful;
END
$$;
COMMENT ON FUNCTION reset_password(text, text, timestamptz) IS 'Sets a new password by a reset code and ends all sessions; the account, or NULL if the code is worth nothing.';

CREATE FUNCTION own_password_hash()
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.password_hash FROM users u WHERE u.id = current_account() AND u.deleted_at IS NULL
$$;
COMMENT ON FUNCTION own_password_hash() IS 'What the password of who is asking is checked by before it is changed.';

-- The view members shows who is there now; the audit trail also tells of those who have left.
CREATE FUNCTION people_of(farm uuid)
RETURNS TABLE (user_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.name FROM users u
    WHERE farm = ANY (current_farms())
        AND EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm AND m.user_id = u.id)
$$;
COMMENT ON FUNCTION people_of(uuid) IS 'The names of all who ever belonged to a farm of the request''s.';

CREATE FUNCTION second_factor()
RETURNS TABLE (secret bytea, step bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.totp_secret, u.totp_step FROM users u WHERE u.id = current_account()
$$;
COMMENT ON FUNCTION second_factor() IS 'The second factor''s secret of who is asking or signing in, and the newest step that was used.';

CREATE FUNCTION rotate_sessions_of(farm uuid, member uuid)
RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    UPDATE user_sessions s SET must_rotate = true
    WHERE s.user_id = member AND s.is_active
        AND farm = ANY (current_farms()::uuid[])
        AND EXISTS (SELECT FROM farm_users m WHERE m.farm_id = farm AND m.user_id = member)
$$;
COMMENT ON FUNCTION rotate_sessions_of(uuid, uuid) IS 'Gives a member''s sessions new tokens at their next request, after a change of rights on a farm of the request''s.';

CREATE FUNCTION deleted_farms(at timestamptz)
RETURNS TABLE (farm_id uuid, name text, deleted_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT f.id, f.name, f.deleted_at FROM farms f
    JOIN farm_users m ON m.farm_id = f.id AND m.user_id = current_account() AND m.role = 'admin'
        AND m.is_active AND m.deleted_at IS NULL
    WHERE f.deleted_at > at - interval '30 days'
    ORDER BY f.deleted_at DESC
$$;
COMMENT ON FUNCTION deleted_farms(timestamptz) IS 'Farms that who is asking may still bring back.';

CREATE FUNCTION restore_farm(farm uuid, at timestamptz)
RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH restored AS (
        UPDATE farms f SET deleted_at = NULL
        WHERE f.id = farm AND f.id IN (SELECT d.farm_id FROM deleted_farms(at) d)
        RETURNING 1)
    SELECT EXISTS (SELECT FROM restored)
$$;
COMMENT ON FUNCTION restore_farm(uuid, timestamptz) IS 'Brings a deleted farm back; false if who is asking may not, or not any more.';

-- What nobody can bring back any more loses its names. Events stay, and name nobody.
CREATE FUNCTION forget_people(at timestamptz)
RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH codes AS (
        DELETE FROM reset_codes WHERE expires_at < at - interval '90 days' RETURNING 1),
    doors AS (
        DELETE FROM invitations WHERE expires_at < at - interval '90 days' RETURNING 1),
    gone AS (
        UPDATE farms SET name = '-', location = NULL, latitude = NULL, longitude = NULL,
            description = NULL, image_url = NULL
        WHERE deleted_at <= at - interval '30 days' AND (name <> '-'
            OR num_nonnulls(location, latitude, longitude, description, image_url) > 0) RETURNING id),
    coops AS (
        UPDATE houses h SET name = '-' FROM gone WHERE h.farm_id = gone.id RETURNING 1),
    memberships AS (
        UPDATE farm_users m SET deleted_at = at FROM gone
        WHERE m.farm_id = gone.id AND m.deleted_at IS NULL RETURNING 1),
    people AS (
        UPDATE users SET name = '-', email = NULL, phone = NULL, username = 'deleted-' || id,
            avatar_url = NULL, mfa_enabled = false, totp_secret = NULL
        WHERE deleted_at <= at - interval '30 days' AND username IS DISTINCT FROM 'deleted-' || id
        RETURNING id),
    traces AS (
        DELETE FROM user_sessions s USING people WHERE s.user_id = people.id RETURNING 1)
    SELECT (SELECT count(*) FROM codes) + (SELECT count(*) FROM doors)
        + (SELECT count(*) FROM gone) + (SELECT count(*) FROM people)
$$;
COMMENT ON FUNCTION forget_people(timestamptz) IS 'Takes names off farms and accounts deleted more than 30 days ago, and drops codes and invitations that ended more than 90 days ago; how many of all.';
REVOKE EXECUTE ON FUNCTION forget_people(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_people(timestamptz) TO tokkatot_worker;

DO $$
DECLARE
    signature text;
BEGIN
    FOREACH signature IN ARRAY ARRAY['invitation_of(text, timestamptz)',
        'accept_invitation(text, timestamptz)',
        'issue_reset_code(uuid, uuid, text, timestamptz, timestamptz)',
        'reset_code_of(text, timestamptz)', 'reset_password(text, text, timestamptz)',
        'own_password_hash()', 'people_of(uuid)', 'second_factor()', 'rotate_sessions_of(uuid, uuid)', 'deleted_farms(timestamptz)',
        'restore_farm(uuid, timestamptz)'] LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', signature);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO tokkatot_app', signature);
    END LOOP;
    REVOKE EXECUTE ON FUNCTION keep_an_admin() FROM PUBLIC;
    REVOKE EXECUTE ON FUNCTION keep_admins_alive() FROM PUBLIC;
    REVOKE EXECUTE ON FUNCTION announce_rights() FROM PUBLIC;
END
$$;

-- Sign-in asks for the second factor where there is one; sessions know more of their person.
DROP FUNCTION sign_in_account(text);
CREATE FUNCTION sign_in_account(login text)
RETURNS TABLE (user_id uuid, password_hash text, is_active boolean, language text, mfa_enabled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT u.id, u.password_hash, u.is_active, u.language::text, u.mfa_enabled FROM users u
    WHERE u.deleted_at IS NULL AND (
        lower(u.email) = lower(btrim(login))
        OR lower(u.username) = lower(btrim(login))
        OR u.phone = btrim(login))
$$;
COMMENT ON FUNCTION sign_in_account(text) IS
    'The account of an e-mail address, user name or phone number in its one form, with the hash to check the password by. No row if there is none.';
REVOKE EXECUTE ON FUNCTION sign_in_account(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_account(text) TO tokkatot_app;

DROP FUNCTION session_account(text, timestamptz);
CREATE FUNCTION session_account(token_hash text, now timestamptz)
RETURNS TABLE (
    session_id uuid, last_activity timestamptz, expires_at timestamptz, last_farm_id uuid,
    session_language text, is_borrowed boolean, must_rotate boolean, user_id uuid, name text,
    platform_role text, language text, timezone text, digits text, clock text, text_size text,
    theme text, farm_ids uuid[], roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT s.id, s.last_activity, s.expires_at, s.last_farm_id, s.language, s.is_borrowed,
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
        AND s.expires_at > session_account.now
$$;
COMMENT ON FUNCTION session_account(text, timestamptz) IS
    'Who a session belongs to, with settings and, oldest farm first, memberships: farm_ids and roles go together. No row if the session or the account has ended.';
REVOKE EXECUTE ON FUNCTION session_account(text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_account(text, timestamptz) TO tokkatot_app;
