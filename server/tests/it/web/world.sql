INSERT INTO users (id, username, phone, password_hash, name, language) VALUES
    ('6a5ba5ee-1111-4000-8000-0000000000a1', 'sok', '+85512345678', '$HASH', 'សុខ', 'en'),
    ('6a5ba5ee-1111-4000-8000-0000000000a2', 'dara', NULL, '$HASH', 'ដារា', 'km'),
    ('6a5ba5ee-1111-4000-8000-0000000000a3', 'locked', NULL, '$HASH', 'Locked', 'en'),
    -- an admin of both farms, so that the others may lose that role
    ('6a5ba5ee-1111-4000-8000-0000000000a4', 'vanna', NULL, '$HASH', 'Vanna', 'en');
UPDATE users SET is_active = false WHERE username = 'locked';
INSERT INTO farms (id, owner_id, name) VALUES
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000a1', 'កសិដ្ឋាន <សុខ>'),
    ('6a5ba5ee-2222-4000-8000-000000000002', '6a5ba5ee-1111-4000-8000-0000000000a2', 'Dara Farm');
INSERT INTO farm_users (farm_id, user_id, role, invited_by) VALUES
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000a1', 'admin',
        '6a5ba5ee-1111-4000-8000-0000000000a1'),
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000a2', 'viewer',
        '6a5ba5ee-1111-4000-8000-0000000000a1'),
    ('6a5ba5ee-2222-4000-8000-000000000002', '6a5ba5ee-1111-4000-8000-0000000000a2', 'admin',
        '6a5ba5ee-1111-4000-8000-0000000000a2'),
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000a4', 'admin',
        '6a5ba5ee-1111-4000-8000-0000000000a1'),
    ('6a5ba5ee-2222-4000-8000-000000000002', '6a5ba5ee-1111-4000-8000-0000000000a4', 'admin',
        '6a5ba5ee-1111-4000-8000-0000000000a2');
INSERT INTO houses (id, farm_id, name, bird_kind, bird_count, placed_on, position) VALUES
    ('6a5ba5ee-1111-4000-8000-0000000000b1', '6a5ba5ee-1111-4000-8000-000000000001', 'House 1',
        'broiler', 500, '2026-01-19', 1),
    ('6a5ba5ee-1111-4000-8000-0000000000b2', '6a5ba5ee-1111-4000-8000-000000000001', 'House 2',
        'broiler', NULL, NULL, 2);
INSERT INTO nodes (id, farm_id, name, password_hash, is_online, last_seen_at) VALUES
    ('6a5ba5ee-1111-4000-8000-0000000000c1', '6a5ba5ee-1111-4000-8000-000000000001', 'house-1',
        '$7$101$c2FsdA==$aGFzaA==', true, '2026-02-12 06:46:50+00'),
    ('6a5ba5ee-1111-4000-8000-0000000000c2', '6a5ba5ee-1111-4000-8000-000000000001', 'house-2',
        '$7$101$c2FsdA==$aGFzaA==', true, '2026-02-12 06:46:50+00');
INSERT INTO devices (id, farm_id, node_id, house_id, channel, device_id, hardware_id, name, type, kind,
        firmware_version, is_online, approved_at, reported_state, reported_cause, reported_since,
        reported_at, position) VALUES
    ('6a5ba5ee-1111-4000-8000-0000000000d1', '6a5ba5ee-1111-4000-8000-000000000001',
        '6a5ba5ee-1111-4000-8000-0000000000c1', '6a5ba5ee-1111-4000-8000-0000000000b1', 'air',
        'house-1:air', 's1:air', 'Air', 'sensor', 'climate', '2.1.0', true, now(), NULL, NULL, NULL, NULL, 1),
    ('6a5ba5ee-1111-4000-8000-0000000000d2', '6a5ba5ee-1111-4000-8000-000000000001',
        '6a5ba5ee-1111-4000-8000-0000000000c1', '6a5ba5ee-1111-4000-8000-0000000000b1', 'tank',
        'house-1:tank', 's1:tank', 'Tank', 'sensor', 'water_level', '2.1.0', true, now(), NULL, NULL,
        NULL, NULL, 2),
    ('6a5ba5ee-1111-4000-8000-0000000000d3', '6a5ba5ee-1111-4000-8000-000000000001',
        '6a5ba5ee-1111-4000-8000-0000000000c1', '6a5ba5ee-1111-4000-8000-0000000000b1', 'fan1',
        'house-1:fan1', 's1:fan1', 'Fan', 'relay', 'fan', '2.1.0', true, now(), 'on', 'auto',
        '2026-02-12 06:40:00+00', '2026-02-12 06:46:50+00', 3),
    ('6a5ba5ee-1111-4000-8000-0000000000d4', '6a5ba5ee-1111-4000-8000-000000000001',
        '6a5ba5ee-1111-4000-8000-0000000000c1', '6a5ba5ee-1111-4000-8000-0000000000b1', 'light',
        'house-1:light', 's1:light', 'Light', 'relay', 'light', '2.1.0', true, now(), 'off', 'command',
        '2026-02-11 23:10:00+00', '2026-02-12 06:46:50+00', 4),
    ('6a5ba5ee-1111-4000-8000-0000000000d5', '6a5ba5ee-1111-4000-8000-000000000001',
        '6a5ba5ee-1111-4000-8000-0000000000c2', '6a5ba5ee-1111-4000-8000-0000000000b2', 'air',
        'house-2:air', 's2:air', 'Air 2', 'sensor', 'climate', '2.1.0', true, now(), NULL, NULL, NULL,
        NULL, 5);
-- 1 temperature, 2 humidity, 3 water level in house 1; 4 temperature in house 2
INSERT INTO series (farm_id, device_id, sensor, unit, interval_s) VALUES
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000d1', 'temperature',
        '°C', 30),
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000d1', 'humidity', '%', 30),
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000d2', 'water_level', '%',
        120),
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000d5', 'temperature',
        '°C', 30);
