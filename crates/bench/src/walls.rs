//! What the two walls between farms cost a page: session, membership and scope, and row-level security.
use crate::pages;
use anyhow::{Context as _, Result};
use domain::{FarmId, Timestamp};
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
    /// The same by the app until all is read: session, membership, scope, row-level security.
    pub guarded: Duration,
    /// The same until the transaction has ended too; a page is made meanwhile.
    pub ended: Duration,
    /// The same with the session looked up before the transaction begins, as forms and streams have it.
    pub apart: Duration,
    /// The whole page over HTTP, one after the other.
    pub page: Duration,
}

/// Whose page, and where the database is.
#[derive(Debug, Clone)]
pub struct Visit {
    /// The server's port.
    pub port: u16,
    /// The farm's page.
    pub path: String,
    /// The `Cookie` header line.
    pub cookie: String,
    /// The database under the web's role, and under its owner's.
    pub urls: (String, String),
}

/// Measures all in turns, so that whatever else the machine does is in all of them; on a thread of the
/// runtime's, where the server answers its requests as well.
pub async fn measure(visit: Visit) -> Result<Walls> {
    tokio::spawn(async move { rounds(&visit).await }).await?
}

async fn rounds(visit: &Visit) -> Result<Walls> {
    let app = Database::new(&DatabaseSettings::new(&visit.urls.0, 1)).await?;
    let owner = Database::new(&DatabaseSettings::new(&visit.urls.1, 1)).await?;
    let farm: FarmId = visit.path.rsplit('/').next().context("no farm")?.parse()?;
    let id = visit.cookie.split_once('=').context("no cookie")?.1.trim();
    let token = TokenHash::of(id);
    let now = health::time(&mut *app.get().await?).await?;
    let found = sessions::find(&mut *app.get().await?, &token, now).await?;
    let scope = found.and_then(|account| account.scope(farm)).context("not a member")?;
    let mut connection = pages::Connection::open(visit.port).await?;
    let mut spans: [Vec<Duration>; 5] = Default::default();
    let [bare, guarded, ended, apart, page] = &mut spans;
    for turn in 0..3 * (WARM_UP + ROUNDS) {
        // each comes after a page, and so finds the same things cold
        page.push(
            timed(async || connection.page(&visit.path, &visit.cookie).await.map(drop)).await?,
        );
        match turn % 3 {
            0 => bare.push(
                timed(async || {
                    let mut conn = owner.get().await?;
                    home::load(&mut conn, &scope).await?.context("no farm").map(drop)
                })
                .await?,
            ),
            1 => {
                let (read, over) = page_of(&app, (&token, now, farm)).await?;
                guarded.push(read);
                ended.push(over);
            }
            _ => apart.push(
                timed(async || {
                    let found = sessions::find(&mut *app.get().await?, &token, now).await?;
                    let scope = found.and_then(|account| account.scope(farm));
                    let scope = scope.context("not a member")?;
                    let load = async |conn: &mut _| home::load(conn, &scope).await;
                    scope.run(&app, load).await?.context("no farm").map(drop)
                })
                .await?,
            ),
        }
    }
    let [bare, guarded, ended, apart, page] = spans.map(median);
    Ok(Walls { bare: bare?, guarded: guarded?, ended: ended?, apart: apart?, page: page? })
}

/// What the server asks for a page: how long until all is read, and until the transaction has ended.
async fn page_of(
    app: &Database,
    (token, now, farm): (&TokenHash, Timestamp, FarmId),
) -> Result<(Duration, Duration)> {
    let began = Instant::now();
    let (account, opened) = sessions::open(app, token, now, farm).await?;
    let scope = account.context("the session is over")?.scope(farm).context("not a member")?;
    let found = opened.read(app, &scope, async |conn| home::load(conn, &scope).await).await?;
    let read = began.elapsed();
    opened.settle().await;
    found.context("no farm")?;
    Ok((read, began.elapsed()))
}

async fn timed(work: impl AsyncFnOnce() -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    work().await?;
    Ok(began.elapsed())
}

/// The median of what was measured after the warm-up.
fn median(spans: Vec<Duration>) -> Result<Duration> {
    let mut spans: Vec<Duration> = spans.into_iter().skip(WARM_UP).collect();
    spans.sort();
    spans.get(spans.len() / 2).copied().context("nothing was measured")
}
