//! The first farm, in four steps. Nothing is made before the last one, and what was typed travels in the
//! form, so that a phone may fall asleep in between.

mod draft;
mod fields;
mod plan;
mod steps;
mod view;

use crate::{
    claim::WantedBox,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    houses::birds::day_0,
    reader::on_farm,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::{FarmId, UserId};
use draft::{Draft, Step};
use http::HeaderMap;
use plan::Plan;
use steps::Then;
use store::{
    Origin,
    farms::{self, FarmError, FarmFacts, NewFarm},
    houses::HouseFacts,
};

/// `GET /welcome`.
pub(crate) async fn page(State(state): State<AppState>, visitor: Visitor) -> Response {
    let mut draft = Draft::new(farms::new_id());
    draft.houses = visitor.reader.field(1);
    view::page(&state, &visitor, draft, Step::Farm, Faults::default())
}

/// `POST /welcome`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    mut visitor: Visitor,
    headers: HeaderMap,
    Fields(pairs): Fields<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    // whoever changes the language starts anew
    view::HERE.clone_into(&mut visitor.address);
    let (step, mut draft, wish) = draft::read(pairs).ok_or(AppError::BadRequest)?;
    match steps::go(&visitor.reader, &mut draft, step, wish) {
        Then::Show(step, faults) => {
            let is_right = faults.is_empty();
            let page = view::page(&state, &visitor, draft, step, faults);
            Ok(if is_right { page } else { refused(page) })
        }
        Then::Make(plan) => {
            let farm = make(&state, &visitor, draft.farm, plan).await?;
            Ok(follow(&visitor, farm, &headers))
        }
    }
}

/// On to the new farm; who came with a box in hand, to where it is connected.
fn follow(visitor: &Visitor, farm: FarmId, headers: &HeaderMap) -> Response {
    let Some(wanted) = WantedBox::read(headers, visitor.is_encrypted) else {
        return done(&format!("/farms/{farm}"), "farm-made");
    };
    let mut response = done(&wanted.address(farm), "farm-made");
    WantedBox::forget(&mut response, visitor.is_encrypted);
    response
}

async fn make(
    state: &AppState,
    visitor: &Visitor,
    farm: FarmId,
    plan: Plan,
) -> Result<FarmId, AppError> {
    let account = visitor.account()?;
    let now = state.clock.now();
    let zone = visitor.zone();
    let today = on_farm(now, zone).date_naive();
    let facts = FarmFacts {
        name: plan.name,
        location: plan.place,
        timezone: zone.name().to_owned(),
        coordinates: None,
    };
    let houses: Vec<HouseFacts> = plan
        .houses
        .into_iter()
        .map(|name| HouseFacts {
            name,
            birds: plan.kind,
            bird_count: plan.birds,
            placed_on: plan.age.map(|age| day_0(today, age)),
        })
        .collect();
    let new = NewFarm { id: farm, facts: &facts, houses: &houses };
    match create(state, account.user, new, &visitor.origin(now)).await {
        Ok(farm) => Ok(farm),
        Err(FarmError::Taken) => Err(AppError::Unknown),
        Err(FarmError::Store(error)) => Err(AppError::from(error)),
    }
}

/// Makes it under the form's identity. A farm that was deleted has used that up, and so has somebody else's:
/// who comes back to the form then makes one more.
async fn create(
    state: &AppState,
    founder: UserId,
    mut new: NewFarm<'_>,
    origin: &Origin<'_>,
) -> Result<FarmId, FarmError> {
    let made = match farms::create(&state.database, founder, &new, origin).await {
        Err(FarmError::Taken) => {
            new.id = farms::new_id();
            farms::create(&state.database, founder, &new, origin).await
        }
        made => made,
    };
    // sent twice, it was made by the first
    made.map(|_| new.id)
}
