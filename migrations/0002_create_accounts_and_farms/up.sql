-- People, farms, who may do what on which farm, and who is signed in.
CREATE TYPE user_role AS ENUM ('admin', 'manager', 'keeper', 'viewer');
COMMENT ON TYPE user_role IS 'What a person may do: on a farm (farm_users), or on the platform (users).';

CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email text,
    password_hash text NOT NULL,
    name text NOT NULL,
    phone text,
    language varchar(10) NOT NULL DEFAULT 'km',
    timezone varchar(40) NOT NULL DEFAULT 'Asia/Phnom_Penh',
    role user_role NOT NULL DEFAULT 'viewer',
    avatar_url text,
    is_active boolean NOT NULL DEFAULT true,
    email_verified boolean NOT NULL DEFAULT false,
    mfa_enabled boolean NOT NULL DEFAULT false,
    last_login timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    username text,
    digits text NOT NULL DEFAULT 'latin',
    clock text NOT NULL DEFAULT '12h',
    text_size text NOT NULL DEFAULT 'normal',
    theme text NOT NULL DEFAULT 'auto',
    CONSTRAINT users_login_check CHECK (num_nonnulls(email, phone, username) > 0),
    -- RFC 5322 dot-atom at a host name with a dot; quoted local parts and comments are refused.
    CONSTRAINT users_email_check CHECK (
        length(email) <= 254 AND email ~ (
            '^[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&''*+/=?^_`{|}~-]+)*'
            '@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$')),
    -- E.164 and nothing else: two forms of one number would be two accounts.
    CONSTRAINT users_phone_check CHECK (phone ~ '^\+[1-9][0-9]{6,14}$'),
    -- Can be mistaken neither for an e-mail address nor for a phone number.
    CONSTRAINT users_username_check CHECK (username ~ '^[^\s@+0-9][^\s@]{1,49}$'),
    CONSTRAINT users_password_hash_check CHECK (length(password_hash) >= 60),
    CONSTRAINT users_language_check CHECK (language IN ('km', 'en')),
    CONSTRAINT users_timezone_check CHECK (timezone ~ '^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$'),
    CONSTRAINT users_digits_check CHECK (digits IN ('latin', 'khmer')),
    CONSTRAINT users_clock_check CHECK (clock IN ('12h', '24h')),
    CONSTRAINT users_text_size_check CHECK (text_size IN ('normal', 'large', 'largest')),
    CONSTRAINT users_theme_check CHECK (theme IN ('auto', 'light', 'dark'))
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_phone_key ON users (phone) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_username_key ON users (lower(username)) WHERE deleted_at IS NULL;
CREATE INDEX users_created_at_idx ON users (created_at);
CREATE INDEX users_role_idx ON users (role);
CREATE TRIGGER users_zone BEFORE INSERT OR UPDATE OF timezone ON users
    FOR EACH ROW EXECUTE FUNCTION refuse_unknown_zone();
-- A sign-in is no change of the account.
CREATE TRIGGER users_touch
    BEFORE UPDATE OF email, password_hash, name, phone, language, timezone, role, avatar_url, is_active,
        email_verified, mfa_enabled, deleted_at, username, digits, clock, text_size, theme ON users
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE users IS 'People with an account. Signs in with e-mail, phone or user name.';
COMMENT ON COLUMN users.id IS 'Identity.';
COMMENT ON COLUMN users.email IS 'E-mail address as typed; unique without regard to case among the living.';
COMMENT ON COLUMN users.password_hash IS 'argon2id string, or an imported bcrypt one until the next sign-in.';
COMMENT ON COLUMN users.name IS 'What the person is called, in any script.';
COMMENT ON COLUMN users.phone IS 'Phone number in its one form: +, country, number, no spaces (domain::phones).';
COMMENT ON COLUMN users.language IS 'Language of pages: km or en.';
COMMENT ON COLUMN users.timezone IS 'IANA zone of quiet hours, digest and account pages.';
COMMENT ON COLUMN users.role IS 'Platform role: admin is the operator of the installation. On a farm farm_users.role decides.';
COMMENT ON COLUMN users.avatar_url IS 'Kept from the specification; nothing uses it yet.';
COMMENT ON COLUMN users.is_active IS 'False while the operator has locked the account out.';
COMMENT ON COLUMN users.email_verified IS 'Kept from the specification; nothing uses it yet.';
COMMENT ON COLUMN users.mfa_enabled IS 'Whether a second factor is asked at sign-in.';
COMMENT ON COLUMN users.last_login IS 'When the person last signed in.';
COMMENT ON COLUMN users.created_at IS 'When the account was made.';
COMMENT ON COLUMN users.updated_at IS 'When the row was last changed, sign-ins aside.';
COMMENT ON COLUMN users.deleted_at IS 'When the account was deleted; its e-mail, phone and user name are free again.';
COMMENT ON COLUMN users.username IS 'User name for people without e-mail; unique without regard to case among the living.';
COMMENT ON COLUMN users.digits IS 'Digits on pages: latin or khmer.';
COMMENT ON COLUMN users.clock IS 'Times of day on pages: 12h (with day parts) or 24h.';
COMMENT ON COLUMN users.text_size IS 'Size of text on pages: normal, large or largest.';
COMMENT ON COLUMN users.theme IS 'Colours of pages: auto (as the phone), light or dark.';

CREATE TABLE farms (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    owner_id uuid NOT NULL REFERENCES users,
    name text NOT NULL,
    location text,
    timezone varchar(40) NOT NULL DEFAULT 'Asia/Phnom_Penh',
    latitude numeric(10, 8),
    longitude numeric(11, 8),
    description text,
    image_url text,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    CONSTRAINT farms_timezone_check CHECK (timezone ~ '^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$'),
    CONSTRAINT farms_latitude_check CHECK (latitude BETWEEN -90 AND 90),
    CONSTRAINT farms_longitude_check CHECK (longitude BETWEEN -180 AND 180)
);
CREATE INDEX farms_owner_id_idx ON farms (owner_id);
CREATE INDEX farms_created_at_idx ON farms (created_at);
CREATE TRIGGER farms_zone BEFORE INSERT OR UPDATE OF timezone ON farms
    FOR EACH ROW EXECUTE FUNCTION refuse_unknown_zone();
CREATE TRIGGER farms_touch BEFORE UPDATE ON farms
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE farms IS 'Farms. Never deleted in fact, since events refer to them.';
COMMENT ON COLUMN farms.id IS 'Identity.';
COMMENT ON COLUMN farms.owner_id IS 'Who the farm belongs to.';
COMMENT ON COLUMN farms.name IS 'What the farm is called, in any script.';
COMMENT ON COLUMN farms.location IS 'Where it is, in words.';
COMMENT ON COLUMN farms.timezone IS 'IANA zone of the farm''s pages, schedules and daily figures.';
COMMENT ON COLUMN farms.latitude IS 'Degrees north.';
COMMENT ON COLUMN farms.longitude IS 'Degrees east.';
COMMENT ON COLUMN farms.description IS 'Free text.';
COMMENT ON COLUMN farms.image_url IS 'Kept from the specification; nothing uses it yet.';
COMMENT ON COLUMN farms.is_active IS 'False while the operator has suspended the farm.';
COMMENT ON COLUMN farms.created_at IS 'When the farm was made.';
COMMENT ON COLUMN farms.updated_at IS 'When the row was last changed.';
COMMENT ON COLUMN farms.deleted_at IS 'When the farm was deleted; names are made anonymous 30 days later.';

CREATE TABLE farm_users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    farm_id uuid NOT NULL REFERENCES farms,
    user_id uuid NOT NULL REFERENCES users,
    role user_role NOT NULL,
    invited_by uuid NOT NULL REFERENCES users,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);
CREATE UNIQUE INDEX farm_users_farm_id_user_id_key ON farm_users (farm_id, user_id)
    WHERE deleted_at IS NULL;
CREATE INDEX farm_users_farm_id_idx ON farm_users (farm_id);
CREATE INDEX farm_users_user_id_farm_id_idx ON farm_users (user_id, farm_id);
CREATE INDEX farm_users_invited_by_idx ON farm_users (invited_by);
CREATE TRIGGER farm_users_touch BEFORE UPDATE ON farm_users
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
COMMENT ON TABLE farm_users IS 'Who belongs to which farm, with which role there.';
COMMENT ON COLUMN farm_users.id IS 'Identity.';
COMMENT ON COLUMN farm_users.farm_id IS 'The farm.';
COMMENT ON COLUMN farm_users.user_id IS 'The member.';
COMMENT ON COLUMN farm_users.role IS 'What the member may do on this farm.';
COMMENT ON COLUMN farm_users.invited_by IS 'Who brought the member in; the founder names himself.';
COMMENT ON COLUMN farm_users.is_active IS 'False while the membership is suspended.';
COMMENT ON COLUMN farm_users.created_at IS 'When the membership began.';
COMMENT ON COLUMN farm_users.updated_at IS 'When the row was last changed.';
COMMENT ON COLUMN farm_users.deleted_at IS 'When the member was removed; a new membership is a new row.';

CREATE TABLE user_sessions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users,
    jwt_token_hash text NOT NULL,
    device_name text,
    ip_address inet NOT NULL,
    user_agent text NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    last_activity timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    last_farm_id uuid REFERENCES farms,
    language text,
    CONSTRAINT user_sessions_jwt_token_hash_check CHECK (jwt_token_hash ~ '^[0-9a-f]{64}$'),
    -- "Later than now() on insert": created_at is now() there. A check on now() itself would refuse
    -- to end a session that has already expired, and every later restore of a backup.
    CONSTRAINT user_sessions_expires_at_check CHECK (expires_at > created_at),
    CONSTRAINT user_sessions_language_check CHECK (language IN ('km', 'en'))
);
CREATE INDEX user_sessions_user_id_idx ON user_sessions (user_id);
CREATE UNIQUE INDEX user_sessions_jwt_token_hash_key ON user_sessions (jwt_token_hash);
CREATE INDEX user_sessions_expires_at_idx ON user_sessions (expires_at);
CREATE INDEX user_sessions_last_farm_id_idx ON user_sessions (last_farm_id);

CREATE FUNCTION refuse_revival() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
    RAISE EXCEPTION 'a session that was ended stays ended'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;
COMMENT ON FUNCTION refuse_revival() IS 'Trigger: refuses to let a session live again.';
CREATE TRIGGER user_sessions_refuse_revival BEFORE UPDATE ON user_sessions
    FOR EACH ROW WHEN (NEW.is_active AND NOT OLD.is_active
        OR NEW.deleted_at IS NULL AND OLD.deleted_at IS NOT NULL)
    EXECUTE FUNCTION refuse_revival();
COMMENT ON TABLE user_sessions IS 'Who is signed in where. Decides every request.';
COMMENT ON COLUMN user_sessions.id IS 'Identity, shown in the list of sessions.';
COMMENT ON COLUMN user_sessions.user_id IS 'Who is signed in.';
COMMENT ON COLUMN user_sessions.jwt_token_hash IS 'Lower-case hexadecimal SHA-256 of the session id that the cookie carries.';
COMMENT ON COLUMN user_sessions.device_name IS 'What the person calls the phone or computer.';
COMMENT ON COLUMN user_sessions.ip_address IS 'Address of the sign-in.';
COMMENT ON COLUMN user_sessions.user_agent IS 'Browser of the sign-in, as it names itself.';
COMMENT ON COLUMN user_sessions.is_active IS 'False once the session was ended.';
COMMENT ON COLUMN user_sessions.last_activity IS 'When it was last used, to the hour.';
COMMENT ON COLUMN user_sessions.expires_at IS 'When it ends by itself.';
COMMENT ON COLUMN user_sessions.created_at IS 'When the person signed in.';
COMMENT ON COLUMN user_sessions.deleted_at IS 'When it left the list of sessions.';
COMMENT ON COLUMN user_sessions.last_farm_id IS 'The farm last looked at; where / leads.';
COMMENT ON COLUMN user_sessions.language IS 'Language chosen for this session, if not the account''s.';
