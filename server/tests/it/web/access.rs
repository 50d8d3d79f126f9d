//! Everybody before every endpoint: who gets in is what the table of permissions says, no more and no less.
use super::{
    Site,
    world::{AIR, FAN, FARM, HOUSE_2, HOUSEHOLD, INVITATION, NODE_1, PASSWORD, SOPHEA},
};
use app::access::{Access, Endpoint};
use domain::roles::Role;
use http::{Method, Request, StatusCode, header};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Stranger,
    /// Signed in, and on no farm.
    Loner,
    /// An admin, of another farm.
    Neighbour,
    /// Has lost the only membership.
    Removed,
    Suspended,
    /// The account was locked after the sign-in.
    Locked,
    /// The operator of the installation, who belongs to no farm.
    Operator,
    /// Says a node's name and password where a session is asked for.
    Node,
    Member(Role),
    /// An admin on somebody else's phone.
    Borrowed,
}

impl Who {
    const ALL: [Self; 13] = [
        Self::Stranger,
        Self::Loner,
        Self::Neighbour,
        Self::Removed,
        Self::Suspended,
        Self::Locked,
        Self::Operator,
        Self::Node,
        Self::Member(Role::Viewer),
        Self::Member(Role::Keeper),
        Self::Member(Role::Manager),
        Self::Member(Role::Admin),
        Self::Borrowed,
    ];

    fn is_signed_in(self) -> bool {
        !matches!(self, Self::Stranger | Self::Locked | Self::Node)
    }

    /// What the table says.
    fn may(self, access: Access) -> bool {
        match (access, self) {
            (Access::Anyone, _) => true,
            (Access::SignedIn, who) => who.is_signed_in(),
            (Access::Farm(permission), Self::Member(role)) => role.may(permission),
            (Access::Farm(permission), Self::Borrowed) => Role::Admin.may(permission),
            (Access::Farm(_), _) => false,
        }
    }

    /// Dara is made into them, after the sign-in.
    fn sql(self) -> String {
        let member = "UPDATE farm_users SET {} WHERE user_id = (SELECT id FROM users WHERE username = 'dara')";
        let role_on_ours =
            |set: &str| format!("{} AND farm_id = '{FARM}';", member.replace("{}", set));
        let never =
            "DELETE FROM farm_users WHERE user_id = (SELECT id FROM users WHERE username = 'dara')";
        match self {
            Self::Stranger | Self::Node => String::new(),
            Self::Neighbour => role_on_ours("deleted_at = now()"),
            Self::Loner => format!("{never};"),
            Self::Removed => {
                let ours = role_on_ours("deleted_at = now()");
                format!("{never} AND farm_id <> '{FARM}'; {ours}")
            }
            Self::Suspended => role_on_ours("is_active = false"),
            Self::Locked => {
                "UPDATE users SET is_active = false WHERE username = 'dara';".to_owned()
            }
            Self::Operator => {
                format!("{never}; UPDATE users SET role = 'admin' WHERE username = 'dara';")
            }
            Self::Member(role) => role_on_ours(&format!("role = '{}'", role.name())),
            Self::Borrowed => role_on_ours("role = 'admin'"),
        }
    }
}

/// Another session of Dara's.
const SESSION: &str = "6a5ba5ee-1111-4000-8000-0000000000e1";

/// An emergency stop that stands.
const STOP: &str = "6a5ba5ee-1111-4000-8000-0000000000e7";

/// What stands behind the codes and ids of addresses: an invitation to a farm that is not asked for, the
/// reset code of somebody else, a second session.
const THINGS: &str = "
    INSERT INTO invitations (farm_id, code, role, created_by, created_at, expires_at) VALUES
        ('6a5ba5ee-2222-4000-8000-000000000002', 'J7RM4PXD', 'viewer',
            '6a5ba5ee-1111-4000-8000-0000000000a4', '2026-02-12', '2026-02-20');
    INSERT INTO reset_codes (user_id, code_hash, created_at, expires_at) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000a4', encode(sha256('J7RM4PXD'), 'hex'), '2026-02-12',
            '2026-02-20');
    INSERT INTO user_sessions (id, user_id, jwt_token_hash, ip_address, user_agent, last_activity,
            created_at, expires_at) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000e1', '6a5ba5ee-1111-4000-8000-0000000000a2',
            repeat('e', 64), '192.0.2.9', 'Phone', '2026-02-12', '2026-02-12', '2026-03-12');
    INSERT INTO emergency_stops (id, farm_id, includes_fans, pressed_by, pressed_at) VALUES
        ('6a5ba5ee-1111-4000-8000-0000000000e7', '6a5ba5ee-1111-4000-8000-000000000001', false,
            '6a5ba5ee-1111-4000-8000-0000000000a1', '2026-02-12');";

/// How an endpoint answers somebody whom it does not let in.
fn is_refused(status: StatusCode, location: &str) -> bool {
    let is_door = status == StatusCode::SEE_OTHER && location.starts_with("/sign-in");
    is_door
        || [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND]
            .contains(&status)
}

async fn ask(site: &Site, endpoint: &Endpoint, who: Who) -> (StatusCode, String) {
    let path = endpoint
        .path
        .replace("{farm}", FARM)
        .replace("{lang}", "km")
        .replace("{member}", SOPHEA)
        .replace("{invitation}", INVITATION)
        .replace("{house}", HOUSE_2)
        .replace("{device}/calibration/{sensor}", &format!("{AIR}/calibration/temperature"))
        .replace("{device}", FAN)
        .replace("{node}", NODE_1)
        .replace("{code}", "J7RM4PXD")
        .replace("{session}", SESSION)
        .replace("{stop}", STOP);
    assert!(!path.contains('{'), "the test knows no value for a part of {path}");
    let mut request = if endpoint.method == Method::POST {
        Request::post(&path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
    } else {
        Request::get(&path)
    };
    if who == Who::Node {
        request = request.header(header::AUTHORIZATION, "Basic aG91c2UtMTpzZWNyZXQ=");
    }
    let answer = site.open(request, "").await;
    let location = answer.headers().get(header::LOCATION);
    let location = location.map_or("", |to| to.to_str().unwrap());
    (answer.status(), location.to_owned())
}

#[tokio::test]
async fn everybody_gets_into_what_the_table_says_and_into_nothing_else() {
    for who in Who::ALL {
        let mut site = Site::new().await;
        match who {
            Who::Stranger | Who::Node => {}
            Who::Borrowed => {
                let typed = format!("login=dara&password={PASSWORD}&borrowed=yes");
                let cookie = site.post("/sign-in", &typed).await.cookie().unwrap();
                site.sign_in_with(&cookie);
            }
            _ => site.sign_in("dara").await,
        }
        site.sql(HOUSEHOLD).await;
        site.sql(&who.sql()).await;
        site.sql(THINGS).await;
        let endpoints = app::endpoints(&site.web.app);
        assert!(endpoints.list().len() >= 60);
        // first what only looks; what makes an end of something, and of the session, comes last
        let mut list = endpoints.list().to_vec();
        list.sort_by_key(|endpoint| {
            let is_end =
                ["/remove", "/revoke", "/sign-out"].iter().any(|e| endpoint.path.ends_with(e));
            let is_own_end = endpoint.path == "/sign-out";
            (endpoint.method == Method::POST, is_end, is_own_end)
        });
        for endpoint in &list {
            let (status, location) = ask(&site, endpoint, who).await;
            let Endpoint { method, path, access } = endpoint;
            // the start, the second step without a first, the way out and a scanned box lead to the door: no refusal
            let is_way = matches!(*path, "/" | "/sign-in/code" | "/sign-out" | "/claim");
            // whose farm it is that may come back, only the database knows: open to all, and not there for most
            let is_back = matches!(*path, "/farms/{farm}/restore" | "/farms/{farm}/resume");
            let is_away = is_back && who.is_signed_in() && status == StatusCode::NOT_FOUND;
            let refused = !is_way && !is_away && is_refused(status, &location);
            assert_eq!(
                !refused,
                who.may(*access),
                "{who:?}: {method} {path} is {status} {location}"
            );
        }
    }
}

#[tokio::test]
async fn a_farm_of_others_is_answered_like_one_that_does_not_exist_and_both_are_recorded() {
    let site = Site::of_sok().await;
    let others = "6a5ba5ee-2222-4000-8000-000000000002";
    let nobodys = "6a5ba5ee-9999-4000-8000-000000000009";
    for tail in ["", "/live", "/members", "/events", "/events.csv"] {
        let one = site.get(&format!("/farms/{others}{tail}")).await;
        let other = site.get(&format!("/farms/{nobodys}{tail}")).await;
        assert_eq!((one.status, other.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        let plain = |body: &str| body.replace(others, "").replace(nobodys, "");
        assert_eq!(plain(&one.main()), plain(&other.main()));
    }
    let recorded = "SELECT count(*) FROM event_logs WHERE event_type = 'access_refused'";
    assert_eq!(site.text(recorded).await, "10");
}

/// Ids that are another farm's, whose or that there are none of: the farm in the address is one's own.
#[tokio::test]
async fn what_the_farm_does_not_have_is_recorded_with_what_was_asked() {
    let mut site = Site::new().await;
    site.sql(HOUSEHOLD).await;
    site.sign_in("dara").await;
    // the ids of Sok's farm, asked for on Dara's
    let on_daras = "/farms/6a5ba5ee-2222-4000-8000-000000000002";
    for (address, recorded) in [
        (format!("houses/{HOUSE_2}"), "EditHouses /farms/{farm}/houses/{house}"),
        (format!("members/{SOPHEA}"), "SeeFarm /farms/{farm}/members/{member}"),
        (
            format!("invitations/{INVITATION}"),
            "InviteMembers /farms/{farm}/invitations/{invitation}",
        ),
        ("houses/no-id".to_owned(), "EditHouses /farms/{farm}/houses/{house}"),
    ] {
        let answer = site.get(&format!("{on_daras}/{address}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
        let last = "SELECT concat_ws(' ', event_data ->> 'permission', event_data ->> 'path')
            FROM event_logs WHERE event_type = 'access_refused' AND farm_id IS NULL
                AND event_data ->> 'farm' = '6a5ba5ee-2222-4000-8000-000000000002'
            ORDER BY id DESC LIMIT 1";
        assert_eq!(site.text(last).await, recorded, "{address}");
    }
    let form = site.post(&format!("{on_daras}/members/{SOPHEA}"), "role=viewer").await;
    assert_eq!(form.status, StatusCode::NOT_FOUND);
    // as all refusals, up to thirty of a person
    for _ in 0..30 {
        site.get(&format!("{on_daras}/houses/{HOUSE_2}")).await;
    }
    let all = "SELECT count(*) FROM event_logs WHERE event_type = 'access_refused'";
    assert_eq!(site.text(all).await, "30");
}
