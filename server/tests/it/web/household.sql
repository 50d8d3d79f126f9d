INSERT INTO users (id, username, phone, password_hash, name, language)
    SELECT '6a5ba5ee-1111-4000-8000-0000000000a5', 'sophea', NULL, password_hash, 'Sophea', 'en'
    FROM users WHERE username = 'sok';
INSERT INTO farm_users (farm_id, user_id, role, invited_by, created_at) VALUES
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000a5', 'keeper',
        '6a5ba5ee-1111-4000-8000-0000000000a1', '2026-02-01 01:00:00+00');
UPDATE farm_users SET created_at = '2026-01-10 01:00:00+00' WHERE created_at > '2026-02-12';
INSERT INTO invitations (id, farm_id, code, role, created_by, created_at, expires_at) VALUES
    ('6a5ba5ee-1111-4000-8000-0000000000e1', '6a5ba5ee-1111-4000-8000-000000000001', 'K7RM4PXD', 'keeper',
        '6a5ba5ee-1111-4000-8000-0000000000a1', '2026-02-12 01:00:00+00', '2026-02-15 01:00:00+00');
