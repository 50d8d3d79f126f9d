//! The second wall alone. The first one believes what the database says of a session's memberships; here that
//! is a lie: everybody is an admin everywhere. So every gate and every handler lets in whoever asks, and
//! nothing is left but row-level security.
use super::{
    Site,
    walk::{Told, address, forms, is_at, own},
    world::{FARM, OTHER_FARM},
};
use app::access::{Access, Endpoint};
use http::{Method, Request, StatusCode};

/// Dara, an admin of the other farm.
const DARA: &str = "6a5ba5ee-1111-4000-8000-0000000000a2";
/// Who belongs to both farms.
const VANNA: &str = "6a5ba5ee-1111-4000-8000-0000000000a4";
/// How ids begin that are of Sok's farm, and of Dara's.
const SOKS: &str = "6a5ba5ee-1111-";
const DARAS: &str = "6a5ba5ee-2222-";
/// Stands in every name on Sok's farm.
const MARK: &str = "ours-alone";
/// Measured on Sok's farm and nowhere else.
const VALUE: &str = "31.7";

/// What ends Dara's session or account, in this order.
const ENDS: [&str; 4] =
    ["/account/password", "/account/deactivate", "/account/delete", "/sign-out"];

/// Both farms get what pages may show or change; a row of the one has the id of the other's with the
/// beginning changed.
const PEOPLE: &str = "
    UPDATE farm_users SET deleted_at = now()
        WHERE user_id = '6a5ba5ee-1111-4000-8000-0000000000a2' AND role = 'viewer';
    UPDATE farms SET name = 'ours-alone farm', location = 'ours-alone place'
        WHERE id = '6a5ba5ee-1111-4000-8000-000000000001';
    UPDATE users SET name = 'ours-alone Sok' WHERE username = 'sok';
    UPDATE houses SET name = 'ours-alone ' || name;
    UPDATE devices SET name = 'ours-alone ' || name;
    UPDATE nodes SET name = 'ours-alone-' || name;
    INSERT INTO houses (id, farm_id, name)
        SELECT replace(id::text, '-1111-', '-2222-')::uuid, '6a5ba5ee-2222-4000-8000-000000000002', 'Theirs'
        FROM houses;
    INSERT INTO nodes (id, farm_id, name, password_hash)
        SELECT replace(id::text, '-1111-', '-2222-')::uuid, '6a5ba5ee-2222-4000-8000-000000000002',
            replace(name, 'ours-alone', 'theirs'), password_hash
        FROM nodes;
    INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version, approved_at)
        SELECT replace(id::text, '-1111-', '-2222-')::uuid, '6a5ba5ee-2222-4000-8000-000000000002',
            replace(node_id::text, '-1111-', '-2222-')::uuid, channel, 'theirs-' || device_id,
            'theirs-' || hardware_id, 'Theirs', type, kind, '1', approved_at
        FROM devices;
    INSERT INTO users (id, username, password_hash, name) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000a5', 'borey', repeat('x', 97), 'ours-alone Borey'),
        ('6a5ba5ee-2222-4000-8000-0000000000a5', 'nary', repeat('x', 97), 'Nary');
    INSERT INTO farm_users (farm_id, user_id, role, invited_by) VALUES
        ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000a5', 'keeper',
            '6a5ba5ee-1111-4000-8000-0000000000a1'),
        ('6a5ba5ee-2222-4000-8000-000000000002', '6a5ba5ee-2222-4000-8000-0000000000a5', 'keeper',
            '6a5ba5ee-1111-4000-8000-0000000000a2');
    INSERT INTO invitations (id, farm_id, code, role, created_by, created_at, expires_at) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000e1', '6a5ba5ee-1111-4000-8000-000000000001', 'AAAA2222',
            'keeper', '6a5ba5ee-1111-4000-8000-0000000000a1', '2026-02-12', '2026-02-19'),
        ('6a5ba5ee-2222-4000-8000-0000000000e1', '6a5ba5ee-2222-4000-8000-000000000002', 'BBBB3333',
            'keeper', '6a5ba5ee-1111-4000-8000-0000000000a2', '2026-02-12', '2026-02-19');
    INSERT INTO emergency_stops (farm_id, house_id, includes_fans, pressed_by) VALUES
        ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000b1', false,
            '6a5ba5ee-1111-4000-8000-0000000000a1'),
        ('6a5ba5ee-2222-4000-8000-000000000002', '6a5ba5ee-2222-4000-8000-0000000000b1', false,
            '6a5ba5ee-1111-4000-8000-0000000000a2');
    INSERT INTO event_logs (farm_id, user_id, event_type, event_category, severity, message, event_data)
        VALUES ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000a1',
            'farm_changed', 'system', 'info', 'ours-alone', '{\"name\": \"ours-alone\"}');";

/// From now on every session is an admin's on every farm.
const LIE: &str = "DO $$
    DECLARE
        kind text;
        columns text;
    BEGIN
        SELECT pg_get_function_result(oid), (
                SELECT string_agg(CASE name
                    WHEN 'farm_ids' THEN '(SELECT array_agg(f.id ORDER BY f.id) FROM farms f)'
                    WHEN 'roles' THEN '(SELECT array_agg(''admin''::text) FROM farms f)'
                    ELSE 's.' || name END, ', ' ORDER BY number)
                FROM unnest(proargnames) WITH ORDINALITY AS argument (name, number) WHERE number > 2)
            INTO kind, columns FROM pg_proc WHERE proname = 'session_account';
        CREATE SCHEMA truth;
        ALTER FUNCTION session_account(text, timestamptz) SET SCHEMA truth;
        EXECUTE format('CREATE FUNCTION session_account(text, timestamptz) RETURNS %s
            LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
            AS ''SELECT %s FROM truth.session_account($1, $2) s''', kind, replace(columns, '''', ''''''));
        GRANT EXECUTE ON FUNCTION session_account(text, timestamptz) TO tokkatot_app;
    END
    $$";

/// Dara before a server whose first wall is down.
async fn without_the_first_wall() -> (Site, Vec<Endpoint>) {
    let mut site = Site::new().await;
    site.sql(PEOPLE).await;
    site.measured(1, 31.7, 5).await;
    site.sign_in("dara").await;
    site.sql(LIE).await;
    let endpoints = app::endpoints(&site.web.app).list().to_vec();
    (site, endpoints)
}

/// What stands in an answer and is nobody's business but Sok's farm's. The ids in the address Dara named
/// himself, and Vanna is on his own farm.
fn told(answer: &Told, address: &str) -> Option<String> {
    let all = format!("{:?}\n{}", answer.headers, answer.body);
    let all = [address, FARM, DARA, VANNA].iter().fold(all, |all, known| all.replace(known, ""));
    let at = [MARK, VALUE, SOKS, "AAAA2222"].iter().find_map(|secret| all.find(secret))?;
    Some(all.chars().skip(all.get(..at)?.chars().count().saturating_sub(40)).take(120).collect())
}

/// All that is not Dara's or Dara's farm's.
async fn not_daras(site: &Site) -> Vec<String> {
    let of = |table: &str, columns: &[&str]| match table {
        "farms" => format!("id <> '{OTHER_FARM}' AND owner_id <> '{DARA}'"),
        "users" => format!("id <> '{DARA}' AND id::text NOT LIKE '{DARAS}%'"),
        _ if columns.contains(&"farm_id") => format!("farm_id = '{FARM}'"),
        _ if columns.contains(&"user_id") => {
            format!("user_id <> '{DARA}' AND user_id::text NOT LIKE '{DARAS}%'")
        }
        _ => "true".to_owned(),
    };
    site.held(of).await
}

fn is_of_a_farm(endpoint: &&Endpoint) -> bool {
    matches!(endpoint.access, Access::Farm(_))
}

#[tokio::test]
async fn without_the_first_wall_the_second_shows_nothing_of_another_farm() {
    let (site, endpoints) = without_the_first_wall().await;
    let mut is_open = false;
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.method == Method::GET) {
        let soks = address(&site, endpoint.path).await;
        let own_farm = soks.replace(FARM, OTHER_FARM);
        for address in [&soks, &own_farm] {
            let answer = Told::read(site.open(Request::get(address), "").await).await;
            assert_eq!(told(&answer, address), None, "{address} is {}", answer.status);
            is_open |= address == &own_farm && answer.body.contains("Theirs");
        }
    }
    assert!(is_open, "Dara sees his own farm");
    let refused = "SELECT count(*) FROM event_logs WHERE event_type = 'access_refused'
        AND NOT event_data ? 'path'";
    assert_eq!(site.text(refused).await, "0", "the first wall is down");
}

#[tokio::test]
async fn what_is_looked_for_stands_on_the_pages_of_members() {
    let (mut site, endpoints) = without_the_first_wall().await;
    site.sign_in("sok").await;
    let mut silent = Vec::new();
    for endpoint in endpoints.iter().filter(is_of_a_farm).filter(|e| e.method == Method::GET) {
        let address = address(&site, endpoint.path).await;
        let answer = Told::read(site.open(Request::get(&address), "").await).await;
        if told(&answer, &address).is_none() {
            silent.push(endpoint.path);
        }
    }
    assert_eq!(silent, Vec::<&str>::new(), "pages and files that tell nothing of their farm");
}

/// Dara takes the forms of his own farm's pages and sends them to Sok's; or to his own, but about rows of
/// Sok's.
#[tokio::test]
async fn without_the_first_wall_the_second_lets_nothing_of_another_farm_be_changed() {
    let (site, endpoints) = without_the_first_wall().await;
    let before = not_daras(&site).await;
    let daras = |address: String| address.replace(FARM, OTHER_FARM).replace(SOKS, DARAS);
    let offered = forms(&site, &endpoints, daras).await;
    for endpoint in endpoints.iter().filter(is_of_a_farm).filter(|e| e.method == Method::POST) {
        let empty = (address(&site, endpoint.path).await, String::new());
        let forms = offered.iter().filter(|form| is_at(endpoint, &form.action));
        let turned = forms.flat_map(|form| {
            let (action, body) = (soks(&form.action), soks(&form.body));
            [(action.replace(FARM, OTHER_FARM), body.clone()), (action, body)]
        });
        for (action, body) in turned.chain([empty]) {
            let answer = Told::read(site.open(own(&action), &body).await).await;
            assert_eq!(told(&answer, &action), None, "{action} is {}", answer.status);
            assert_eq!(not_daras(&site).await, before, "{action} {body} is {}", answer.status);
        }
    }
}

/// What belongs to no farm, with the forms of Dara's own pages, and with Sok's farm to be brought back or
/// taken up.
#[tokio::test]
async fn nor_do_the_forms_that_belong_to_no_farm_change_anything_of_another() {
    let (site, endpoints) = without_the_first_wall().await;
    let daras = |address: String| address.replace(FARM, OTHER_FARM).replace(SOKS, DARAS);
    let offered = forms(&site, &endpoints, daras).await;
    let mut list: Vec<_> =
        endpoints.iter().filter(|e| !is_of_a_farm(e) && e.method == Method::POST).collect();
    // what ends Dara's session or account comes last
    list.sort_by_key(|endpoint| ENDS.iter().position(|end| *end == endpoint.path));
    for away in [
        "deleted_at = '2026-02-12 06:00+00'",
        "is_active = false, paused_at = '2026-02-12 06:00+00'",
    ] {
        site.sql(&format!("UPDATE farms SET {away} WHERE id = '{FARM}'")).await;
        let before = not_daras(&site).await;
        for act in ["restore", "resume"] {
            let action = format!("/farms/{FARM}/{act}");
            let answer = Told::read(site.open(own(&action), "").await).await;
            assert_eq!(told(&answer, &action), None, "{action}");
            assert!(answer.status.is_client_error(), "{action} is {}", answer.status);
            assert_eq!(not_daras(&site).await, before, "{action}, {away}");
        }
        let back = "deleted_at = NULL, is_active = true, paused_at = NULL";
        site.sql(&format!("UPDATE farms SET {back} WHERE id = '{FARM}'")).await;
    }
    let before = not_daras(&site).await;
    for endpoint in list {
        let empty = (address(&site, endpoint.path).await, String::new());
        let forms = offered.iter().filter(|form| is_at(endpoint, &form.action));
        // the language switch leads back to where its form says
        let is_led = endpoint.path == "/language";
        let turned = forms.map(|form| {
            let body = if is_led { form.body.clone() } else { soks(&form.body) };
            (soks(&form.action), body)
        });
        for (action, body) in turned.chain([empty]) {
            let answer = Told::read(site.open(own(&action), &body).await).await;
            assert_ne!(answer.status, StatusCode::FORBIDDEN, "{action} was not looked at");
            assert_eq!(told(&answer, &action), None, "{action} is {}", answer.status);
            assert_eq!(not_daras(&site).await, before, "{action} {body} is {}", answer.status);
        }
    }
}

/// The same with the ids of Sok's farm.
fn soks(text: &str) -> String {
    let encoded = |id: &str| id.replace('-', "%2D");
    text.replace(OTHER_FARM, FARM)
        .replace(DARAS, SOKS)
        .replace(&encoded(OTHER_FARM), &encoded(FARM))
        .replace(&encoded(DARAS), &encoded(SOKS))
}
