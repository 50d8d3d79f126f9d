//! The pages with latches: all of a farm's, or of one house; and one device's with what more can be asked of it.
use super::{
    model::OnPage,
    refusal::{Refusals, note},
    submit::Go,
    switches::Switches,
    tap::Became,
    tell::{Switch, Switchboard},
    view::{Control, OneSwitch, STEP, Shown, Typed},
};
use crate::{
    access::Farm,
    board::{self, Board, Followed, Group, Seen},
    control::{TapWords, Taps},
    devices::Known,
    document::{self, LiveSource, respond},
    error::AppError,
    forms::{Faults, refused},
    home::{Asked, LostWords},
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{DeviceId, HouseId};
use http::HeaderMap;
use leptos::prelude::*;
use serde::Deserialize;
use store::{AsyncPgConnection, FarmScope, home::Device};

/// Which house is wanted; all without one.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    house: Option<String>,
}

/// What a farm's switches are told from.
pub(super) struct Loaded {
    pub(super) known: Known,
    pub(super) switches: Switches,
}

impl Loaded {
    async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        state: &AppState,
    ) -> Result<Self, AppError> {
        let known = Known::read(conn, scope, state.clock.now()).await?;
        let switches = Switches::read(conn, scope, known.now).await?;
        Ok(Self { known, switches })
    }

    pub(super) fn board(&self, reader: Reader, page: OnPage) -> Switchboard<'_> {
        Switchboard { teller: self.known.teller(reader), switches: &self.switches, page }
    }

    /// The latches of all houses or of one, house by house.
    fn all(&self, reader: Reader, house: Option<HouseId>) -> Board {
        let told = self.board(reader, OnPage::Control(house));
        let group = |title: String, place: Option<HouseId>| {
            let devices = self.in_place(place).map(|device| told.device(device)).collect();
            Group::devices(title, devices)
        };
        let houses = self.known.facts.farm.houses.iter();
        let houses = houses.filter(|one| house.is_none_or(|only| one.id == only));
        let groups = houses.map(|house| group(house.name.clone(), Some(house.id)));
        let rest = house.is_none().then(|| group(reader.say("devices-whole-farm"), None));
        Board::new(groups.chain(rest).collect())
    }

    /// One latch.
    fn one(&self, reader: Reader, device: &Device) -> Board {
        let told = self.board(reader, OnPage::Device);
        Board::new(vec![Group::devices(reader.say("device-now"), vec![told.device(device)])])
    }

    /// What can be switched and hangs in a house, or serves the whole farm.
    pub(super) fn in_place(&self, house: Option<HouseId>) -> impl Iterator<Item = &Device> {
        self.known.in_house(house).filter(|device| self.switches.stance(device.id).is_some())
    }

    fn seen(&self, board: Board) -> Seen {
        let rest = self.known.rest();
        let rest = self.switches.rest(self.known.now).map_or(rest, |own| own.min(rest));
        Seen { board, nodes: self.known.node_names(), rest }
    }
}

/// Where a page is made, and for whom.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) state: &'a AppState,
    pub(super) scope: &'a FarmScope,
    pub(super) visitor: &'a Visitor,
}

/// What comes back with a page whose form was not done.
#[derive(Debug, Default)]
pub(super) struct Returned {
    /// Devices, what was asked of each, and what became of that.
    pub(super) notes: Vec<(DeviceId, String, Became)>,
    /// What was typed.
    pub(super) value: Option<String>,
}

impl Page<'_> {
    pub(super) async fn load(self) -> Result<Loaded, AppError> {
        let Self { state, scope, visitor } = self;
        visitor.read(state, scope, async |conn| Loaded::read(conn, scope, state).await).await
    }

    /// The page that a form came from, with what could not be done.
    pub(super) async fn come_back(
        self,
        page: OnPage,
        device: DeviceId,
        returned: Returned,
    ) -> Result<Response, AppError> {
        let loaded = self.load().await?;
        let response = match page {
            OnPage::Device => self.one(&loaded, device, returned)?,
            OnPage::Home(house) | OnPage::Control(house) => {
                let house = house.filter(|house| loaded.known.facts.house(*house).is_some());
                self.all(&loaded, house, returned)
            }
        };
        Ok(refused(response))
    }

    /// A device's own page with the next number in its field.
    pub(super) async fn step(
        self,
        device: DeviceId,
        (typed, go): (f64, Go),
    ) -> Result<Response, AppError> {
        let loaded = self.load().await?;
        let bounds = loaded.switches.stance(device).and_then(|stance| stance.bounds);
        let (_, bounds) = bounds.ok_or(AppError::NotFound)?;
        let next = match go {
            Go::Less => typed - f64::from(STEP),
            Go::More => typed + f64::from(STEP),
        };
        // what was typed may be no number
        let next = if next.is_finite() { next } else { bounds.least };
        let value = Some(format!("{:.0}", next.clamp(bounds.least, bounds.most)));
        self.one(&loaded, device, Returned { value, ..Returned::default() })
    }

    /// All latches.
    pub(super) fn all(
        self,
        loaded: &Loaded,
        house: Option<HouseId>,
        returned: Returned,
    ) -> Response {
        let reader = self.visitor.reader;
        let board = loaded.all(reader, house);
        let query = house.map(|house| format!("?house={house}")).unwrap_or_default();
        let title = reader.say("control-title");
        let page = self.document(loaded, title, (&board, format!("/control/live{query}")));
        let refusals = refusals(loaded, reader, returned.notes);
        let shown = Shown::new(loaded, reader, house);
        respond(self.state, self.visitor, page, || {
            provide_context(refusals);
            view! { <Control reader shown board/> }
        })
    }

    /// One latch and more.
    pub(super) fn one(
        self,
        loaded: &Loaded,
        device: DeviceId,
        returned: Returned,
    ) -> Result<Response, AppError> {
        let reader = self.visitor.reader;
        let told = loaded.board(reader, OnPage::Device);
        let device = loaded.known.device(device).filter(|device| device.is_approved);
        let device = device.ok_or(AppError::NotFound)?;
        let switch = told.switch(device).ok_or(AppError::NotFound)?;
        let board = loaded.one(reader, device);
        let place = format!("/control/{}/live", device.id);
        let page = self.document(loaded, device.name.clone(), (&board, place));
        let (faults, notes) = typed_faults(loaded, reader, returned.notes);
        let typed = Typed { value: value(&switch, returned.value), faults };
        let refusals = refusals(loaded, reader, notes);
        Ok(respond(self.state, self.visitor, page, || {
            provide_context(refusals);
            view! { <OneSwitch told switch typed board/> }
        }))
    }

    fn document(
        self,
        loaded: &Loaded,
        title: String,
        (board, place): (&Board, String),
    ) -> document::Page {
        let farm = &loaded.known.facts.farm;
        let address = format!("/farms/{}{place}", farm.id);
        document::Page {
            title,
            farm: Some((farm.id, farm.name.clone())),
            class: "page--wide",
            live: Some(LiveSource {
                lost: |reader| view! { <LostWords reader/> <TapWords reader/> <Taps/> }.into_any(),
                ..board.source(address, loaded.known.now)
            }),
            ..document::Page::default()
        }
    }
}

/// What is said below which devices.
fn refusals(loaded: &Loaded, reader: Reader, notes: Vec<(DeviceId, String, Became)>) -> Refusals {
    let teller = loaded.known.teller(reader);
    let said = notes.into_iter().filter_map(|(device, wish, became)| {
        Some((device, note((teller, &loaded.switches), &wish, became)?))
    });
    Refusals::new(said)
}

/// What belongs beside the field that was typed into, and the rest.
fn typed_faults(
    loaded: &Loaded,
    reader: Reader,
    notes: Vec<(DeviceId, String, Became)>,
) -> (Faults, Vec<(DeviceId, String, Became)>) {
    use domain::commands::Refused::{NoValue, NotANumber, OutOfRange};
    let words = loaded.switches.words(loaded.known.teller(reader));
    let mut faults = Faults::default();
    let mut rest = Vec::new();
    for (device, wish, became) in notes {
        match became {
            Became::Refused(refused @ (NoValue | NotANumber | OutOfRange { .. })) => {
                faults.add("value", words.refused(&refused, None));
            }
            _ => rest.push((device, wish, became)),
        }
    }
    (faults, rest)
}

/// What stands in the field: what was typed, else what the device runs at.
fn value(switch: &Switch<'_>, typed: Option<String>) -> String {
    let known = || {
        let (_, bounds) = switch.stance.bounds?;
        let value =
            switch.stance.value.filter(|value| (bounds.least..=bounds.most).contains(value));
        Some(format!("{:.0}", value.unwrap_or(bounds.most)))
    };
    typed.or_else(known).unwrap_or_default()
}

/// `GET /farms/{farm}/control`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(wanted): Query<Wanted>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let page = Page { state: &state, scope: &scope, visitor: &visitor };
    let loaded = page.load().await?;
    let house = match &wanted.house {
        Some(house) => Some(loaded.known.house(house).ok_or(AppError::NotFound)?.id),
        None => None,
    };
    visitor.visits(scope.farm(), loaded.known.now).await?;
    Ok(page.all(&loaded, house, Returned::default()))
}

/// `GET /farms/{farm}/control/{device}`.
pub(crate) async fn one(
    State(state): State<AppState>,
    Farm(scope): Farm,
    axum::extract::Path((_, device)): axum::extract::Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let device = device.parse().map_err(|_| AppError::NotFound)?;
    let page = Page { state: &state, scope: &scope, visitor: &visitor };
    let loaded = page.load().await?;
    let response = page.one(&loaded, device, Returned::default())?;
    visitor.visits(scope.farm(), loaded.known.now).await?;
    Ok(response)
}

/// The pages as they are followed.
enum Follow {
    All(Option<HouseId>),
    One(DeviceId),
}

impl Followed for Follow {
    const FOLLOWS_COMMANDS: bool = true;

    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let loaded = scope
            .read(&state.database, async |conn| Loaded::read(conn, scope, state).await)
            .await?;
        let board = match self {
            Self::All(house) => {
                let is_gone = house.is_some_and(|house| loaded.known.facts.house(house).is_none());
                (!is_gone).then(|| loaded.all(reader, *house))
            }
            Self::One(device) => {
                let device = loaded.known.device(*device).filter(|device| device.is_approved);
                device.map(|device| loaded.one(reader, device))
            }
        };
        Ok(board.map(|board| loaded.seen(board)))
    }
}

/// `GET /farms/{farm}/control/live`.
pub(crate) async fn stream(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let follow = Follow::All(asked.house);
    board::follow(state, scope, visitor, (follow, asked, headers)).await
}

/// `GET /farms/{farm}/control/{device}/live`.
pub(crate) async fn one_stream(
    State(state): State<AppState>,
    Farm(scope): Farm,
    axum::extract::Path((_, device)): axum::extract::Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let device: DeviceId = device.parse().map_err(|_| AppError::NotFound)?;
    board::follow(state, scope, visitor, (Follow::One(device), asked, headers)).await
}
