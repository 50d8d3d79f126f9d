//! What the two walls between farms cost a page: session, membership and scope, and row-level security.
use crate::pages;
use anyhow::{Context as _, Result};
use domain::FarmId;
use std::time::{Duration, Instant};
use store::{
    Database, DatabaseSettings, health, home,
    sessions::{self, TokenHash},
};

/// Rounds that count.
const ROUNDS: usize = 2000;
/// Statements are prepared and pages of the database are in memory by then.
const WARM_UP: usize = 200;

/// Medians of one round.
#[derive(Debug, Clone, Copy)]
pub struct Walls {
    /// Home's queries by the owner, whom no policy binds: no session, no transaction.
    pub bare: Duration,
    /// The same by the app: session, membership, scope, row-level security.
    pub guarded: Duration,
    /// The whole page over HTTP, one after the other.
    pub page: Duration,
}

/// Whose page, and where the database is.
#[derive(Debug)]
pub struct Visit<'a> {
    /// The server's port.
    pub port: u16,
    /// The farm's page.
    pub path: &'a str,
    /// The `Cookie` header line.
    pub cookie: &'a str,
    /// The database under the web's role, and under its owner's.
    pub urls: (&'a str, &'a str),
}

/// Measures all three in turns, so that whatever else the machine does is in all of them.
pub async fn measure(visit: &Visit<'_>) -> Result<Walls> {
    let app = Database::new(&DatabaseSettings::new(visit.urls.0, 1)).await?;
    let owner = Database::new(&DatabaseSettings::new(visit.urls.1, 1)).await?;
    let farm: FarmId = visit.path.rsplit('/').next().context("no farm")?.parse()?;
    let id = visit.cookie.split_once('=').context("no cookie")?.1.trim();
    let token = TokenHash::of(id);
    let now = health::time(&mut *app.get().await?).await?;
    let look = async || {
        let mut conn = app.get().await?;
        sessions::find(&mut conn, &token, now).await?.context("the session is over")
    };
    let scope = look().await?.scope(farm).context("not a member")?;
    let (mut bare, mut guarded, mut page) = (Vec::new(), Vec::new(), Vec::new());
    let mut connection = pages::Connection::open(visit.port).await?;
    for round in 0..WARM_UP + ROUNDS {
        let spans = [
            timed(async || {
                let mut conn = owner.get().await?;
                home::load(&mut conn, &scope).await?.context("no farm").map(drop)
            })
            .await?,
            timed(async || {
                let scope = look().await?.scope(farm).context("not a member")?;
                let load = async |conn: &mut _| home::load(conn, &scope).await;
                scope.run(&app, load).await?.context("no farm").map(drop)
            })
            .await?,
            timed(async || connection.page(visit.path, visit.cookie).await.map(drop)).await?,
        ];
        if round >= WARM_UP {
            for (times, span) in [&mut bare, &mut guarded, &mut page].into_iter().zip(spans) {
                times.push(span);
            }
        }
    }
    Ok(Walls { bare: median(bare)?, guarded: median(guarded)?, page: median(page)? })
}

async fn timed(work: impl AsyncFnOnce() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    work().await?;
    Ok(began.elapsed())
}

fn median(mut spans: Vec<Duration>) -> Result<Duration> {
    spans.sort();
    spans.get(spans.len() / 2).copied().context("nothing was measured")
}
