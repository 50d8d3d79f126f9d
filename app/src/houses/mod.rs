//! The houses of a farm: where the birds live. Added, changed and removed here.

pub(crate) mod birds;
mod form;
mod pick;
mod removal;
mod view;

pub(crate) use pick::{HousePick, Picked};
pub(crate) use removal::{ask as ask_removal, submit as remove};

use crate::{
    access::Farm,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    reader::{on_farm, zone},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono::NaiveDate;
use domain::{HouseId, Timestamp};
use form::{HouseForm, Known};
use store::{
    FarmScope, Origin, StoreError,
    farms::{self, FarmFacts},
    houses::{self, House, HouseError, HouseFacts},
};

impl From<HouseError> for AppError {
    /// What the pages do not say beside a field.
    fn from(error: HouseError) -> Self {
        match error {
            HouseError::Store(error) => error.into(),
            HouseError::SameName | HouseError::HasDevices => Self::Unknown,
        }
    }
}

/// A farm with its houses.
#[derive(Debug, Clone)]
struct Houses {
    scope: FarmScope,
    facts: FarmFacts,
    list: Vec<House>,
    /// The day on the farm.
    today: NaiveDate,
}

impl Houses {
    async fn load(
        state: &AppState,
        visitor: &Visitor,
        (scope, now): (FarmScope, Timestamp),
    ) -> Result<Self, AppError> {
        let found = visitor.read(state, &scope, async |conn| {
            let facts = farms::find(conn, scope.farm()).await?;
            Ok::<_, AppError>((facts, houses::list(conn, scope.farm()).await?))
        });
        let (facts, list) = found.await?;
        let facts = facts.ok_or(AppError::NotFound)?;
        let zone = zone(&facts.timezone);
        Ok(Self { scope, facts, list, today: on_farm(now, zone).date_naive() })
    }

    /// One of them. Another farm's is as none.
    fn find(&self, id: &str) -> Result<&House, AppError> {
        let id: HouseId = id.parse().map_err(|_| AppError::NotFound)?;
        self.list.iter().find(|house| house.id == id).ok_or(AppError::NotFound)
    }

    fn known(&self, house: Option<HouseId>) -> Known<'_> {
        Known { today: self.today, houses: &self.list, house }
    }

    fn address(&self) -> String {
        format!("/farms/{}/houses", self.scope.farm())
    }
}

/// `GET /farms/{farm}/houses`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let houses = Houses::load(&state, &visitor, (scope, now)).await?;
    visitor.visits(scope.farm(), now).await?;
    Ok(view::list(&state, &visitor, &houses))
}

/// `GET /farms/{farm}/houses/new`.
pub(crate) async fn blank(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let houses = Houses::load(&state, &visitor, (scope, state.clock.now())).await?;
    let form = HouseForm::new(&houses.list);
    Ok(view::form(&state, &visitor, &houses, (None, form), Faults::default()))
}

/// `POST /farms/{farm}/houses/new`.
pub(crate) async fn add(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(form): Fields<HouseForm>,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let houses = Houses::load(&state, &visitor, (scope, now)).await?;
    let back =
        |faults| Ok(refused(view::form(&state, &visitor, &houses, (None, form.clone()), faults)));
    let id = form.id.unwrap_or_else(houses::new_id);
    let facts = match form.read(&visitor.reader, houses.known(Some(id))) {
        Ok(facts) => facts,
        Err(faults) => return back(faults),
    };
    match create(&state, &scope, (id, &facts), &visitor.origin(now)).await {
        Ok(_) => {
            state.bus.farm_changed(scope.farm(), now);
            Ok(done(&houses.address(), "house-added"))
        }
        // another was faster
        Err(HouseError::SameName) => back(HouseForm::same_name(&visitor.reader)),
        Err(error) => Err(error.into()),
    }
}

/// Adds it under the form's identity. A house that was removed has used that up, and so has another farm's:
/// who comes back to the form then adds one more.
async fn create(
    state: &AppState,
    scope: &FarmScope,
    (id, facts): (HouseId, &HouseFacts),
    origin: &Origin<'_>,
) -> Result<HouseId, HouseError> {
    match houses::create(&state.database, scope, (id, facts), origin).await {
        Err(HouseError::Store(StoreError::Conflict { constraint, .. }))
            if constraint == "houses_pkey" =>
        {
            houses::create(&state.database, scope, (houses::new_id(), facts), origin).await
        }
        added => added,
    }
}

/// `GET /farms/{farm}/houses/{house}`.
pub(crate) async fn edit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let houses = Houses::load(&state, &visitor, (scope, state.clock.now())).await?;
    let house = houses.find(&id)?;
    let form = HouseForm::of(&house.facts);
    Ok(view::form(&state, &visitor, &houses, (Some(house), form), Faults::default()))
}

/// `POST /farms/{farm}/houses/{house}`.
pub(crate) async fn save(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(form): Fields<HouseForm>,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let houses = Houses::load(&state, &visitor, (scope, now)).await?;
    let house = houses.find(&id)?;
    let back = |faults| {
        Ok(refused(view::form(&state, &visitor, &houses, (Some(house), form.clone()), faults)))
    };
    // only a new house's form has an identity
    if form.id.is_some() {
        return Err(AppError::BadRequest);
    }
    let facts = match form.read(&visitor.reader, houses.known(Some(house.id))) {
        Ok(facts) => facts,
        Err(faults) => return back(faults),
    };
    if facts != house.facts {
        let change = (house.id, &facts);
        match houses::update(&state.database, &scope, change, &visitor.origin(now)).await {
            Ok(true) => state.bus.farm_changed(scope.farm(), now),
            Ok(false) => return Err(AppError::NotFound),
            // another was faster
            Err(HouseError::SameName) => return back(HouseForm::same_name(&visitor.reader)),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(done(&houses.address(), "saved"))
}
