//! People and farms made by the store's own functions, as the web makes them.
use crate::sql;
use domain::{FarmId, Timestamp, UserId, codes::Code, roles::Role};
use std::time::Duration;
use store::{
    Database, FarmScope, Origin, accounts,
    accounts::NewAccount,
    farms::{self, FarmFacts, NewFarm},
    houses::HouseFacts,
    invitations,
    sessions::{self, Account, NewSession, TokenHash},
};
use testkit::TestDatabase;

/// The instant at which all happens.
pub const NOW: Timestamp = Timestamp::from_millis(1_900_000_000_000);
pub const HASH: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNo";
const DAY: Duration = Duration::from_secs(24 * 3600);

/// A database of its own, and the app's way into it.
pub struct Society {
    pub database: TestDatabase,
    pub app: Database,
}

impl Society {
    pub async fn new() -> Self {
        let database = testkit::database().await;
        let app = database.app();
        Self { database, app }
    }

    /// A person who signs in as `name@example.com`.
    pub async fn person(&self, name: &str) -> UserId {
        let email = format!("{name}@example.com");
        let new = NewAccount {
            email: Some(&email),
            phone: None,
            name,
            password_hash: HASH,
            language: "km",
        };
        accounts::sign_up(&self.app, (accounts::new_id(), &new), &origin()).await.unwrap()
    }

    /// A farm with one house.
    pub async fn farm(&self, founder: UserId) -> FarmScope {
        let (facts, houses) = (farm_facts("Farm"), [house_facts("House 1")]);
        let new = NewFarm { id: farms::new_id(), facts: &facts, houses: &houses };
        farms::create(&self.app, founder, &new, &origin()).await.unwrap().unwrap()
    }

    /// Lets somebody in, as an invitation does, and gives their way to the farm.
    pub async fn join(&self, admin: &FarmScope, user: UserId, role: Role) -> FarmScope {
        let code = code(u64::from_be_bytes(user.0.as_bytes()[..8].try_into().unwrap()));
        let new = (role, &code, later(7));
        invitations::create(&self.app, admin, (invitations::new_id(), new), &origin())
            .await
            .unwrap()
            .unwrap();
        let joined = invitations::accept(&self.app, user, &code, &origin()).await.unwrap();
        assert_eq!(joined, Some((admin.farm(), role)));
        self.account(user).await.scope(admin.farm()).unwrap()
    }

    /// Signs somebody in.
    pub async fn sign_in(&self, user: UserId, token: &str) -> TokenHash {
        let new = new_session(user, token);
        sessions::create(&self.app, &new).await.unwrap();
        new.token
    }

    /// Who a token belongs to.
    pub async fn session(&self, token: &TokenHash) -> Option<Account> {
        sessions::find(&mut self.app.get().await.unwrap(), token, NOW).await.unwrap()
    }

    /// Somebody with a fresh session.
    pub async fn account(&self, user: UserId) -> Account {
        let token = format!("{user} {}", uuid::Uuid::new_v4());
        let token = self.sign_in(user, &token).await;
        self.session(&token).await.unwrap()
    }

    /// The kinds of all events of the farm, or of none, oldest first, with `who from where`.
    pub async fn events(&self, farm: Option<FarmId>) -> Vec<String> {
        let farm = farm.map_or("NULL".to_owned(), |farm| format!("'{farm}'"));
        let query = format!(
            "SELECT event_type::text AS value FROM event_logs
            WHERE farm_id IS NOT DISTINCT FROM {farm}::uuid AND event_type <> 'signed_in'
                AND user_id IS NOT NULL AND host(ip_address) = '192.0.2.7' AND user_agent = 'Browser'
            ORDER BY id"
        );
        sql::texts(&mut self.database.owner().get().await.unwrap(), &query).await
    }

    /// Runs SQL as the owner.
    pub async fn execute(&self, statements: &str) {
        sql::execute(&mut self.database.owner().get().await.unwrap(), statements).await;
    }

    /// The texts of an owner's query.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        sql::texts(&mut self.database.owner().get().await.unwrap(), query).await
    }
}

pub fn origin() -> Origin<'static> {
    at(NOW)
}

pub fn at(at: Timestamp) -> Origin<'static> {
    Origin { at, address: Some("192.0.2.7".parse().unwrap()), user_agent: Some("Browser") }
}

/// So many days after now.
pub fn later(days: u32) -> Timestamp {
    NOW.plus(DAY * days)
}

pub fn code(bits: u64) -> Code {
    Code::from_bits(bits)
}

pub fn farm_facts(name: &str) -> FarmFacts {
    FarmFacts {
        name: name.to_owned(),
        location: Some("Takeo".to_owned()),
        timezone: "Asia/Phnom_Penh".to_owned(),
        coordinates: Some((10.99, 104.78)),
    }
}

pub fn house_facts(name: &str) -> HouseFacts {
    HouseFacts {
        name: name.to_owned(),
        birds: domain::poultry::BirdKind::Local,
        bird_count: Some(500),
        placed_on: chrono::NaiveDate::from_ymd_opt(2030, 3, 1),
    }
}

pub fn new_session(user: UserId, token: &str) -> NewSession {
    NewSession {
        user,
        token: TokenHash::of(token),
        address: "192.0.2.7".parse().unwrap(),
        user_agent: "Browser".to_owned(),
        now: NOW,
        expires_at: later(90),
    }
}
