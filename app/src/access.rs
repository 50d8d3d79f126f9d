//! Who may use an endpoint: declared with each one, asked before its handler runs, walked by the tests.
//! [`Endpoints`] is the only way into the router, so that none can be added without saying.
use crate::{
    audit::{self, Refusal},
    error::AppError,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    Router,
    extract::{FromRequestParts, RawPathParams, Request, State},
    handler::Handler,
    middleware::{self, Next},
    response::Response,
    routing::{self, MethodRouter},
};
use domain::{events::EventKind, permissions::Permission};
use http::{Method, request::Parts};
use serde_json::json;
use store::FarmScope;

/// Who may use an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Anyone,
    /// Whoever is signed in.
    SignedIn,
    /// Members of the farm in the address, `{farm}`, who have this permission.
    Farm(Permission),
}

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `GET` or `POST`.
    pub method: Method,
    /// The address, with the names of its parts in braces.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
}

/// All endpoints, each with who may use it.
#[derive(Debug)]
pub struct Endpoints {
    state: AppState,
    router: Router<AppState>,
    list: Vec<Endpoint>,
}

impl Endpoints {
    pub(crate) fn new(state: &AppState) -> Self {
        Self { state: state.clone(), router: Router::new(), list: Vec::new() }
    }

    /// Adds a page.
    pub(crate) fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Endpoint { method: Method::GET, path, access }, routing::get(handler))
    }

    /// Adds a form.
    pub(crate) fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Endpoint { method: Method::POST, path, access }, routing::post(handler))
    }

    fn add(mut self, endpoint: Endpoint, handler: MethodRouter<AppState>) -> Self {
        let gate = Gate { access: endpoint.access, state: self.state.clone() };
        let guarded = handler.route_layer(middleware::from_fn_with_state(gate, pass));
        self.router = self.router.route(endpoint.path, guarded);
        self.list.push(endpoint);
        self
    }

    /// The table.
    pub fn list(&self) -> &[Endpoint] {
        &self.list
    }

    /// The endpoints as they are served.
    pub fn into_router(self) -> Router<AppState> {
        self.router
    }
}

/// The farm in an endpoint's address, for whom the endpoint lets in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Farm(pub(crate) FarmScope);

impl<S: Sync> FromRequestParts<S> for Farm {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AppError> {
        // an endpoint that declares no farm has none to give
        parts.extensions.get::<Self>().copied().ok_or(AppError::Unknown)
    }
}

#[derive(Clone)]
struct Gate {
    access: Access,
    state: AppState,
}

/// Lets a request through to its handler if its endpoint says so.
async fn pass(
    State(gate): State<Gate>,
    request: Request,
    next: Next,
) -> Result<Response, AppError> {
    let (mut parts, body) = request.into_parts();
    match gate.access {
        Access::Anyone => {}
        Access::SignedIn => {
            let visitor = Visitor::from_request_parts(&mut parts, &gate.state).await?;
            visitor.account()?;
        }
        Access::Farm(permission) => {
            let farm = farm(&mut parts, &gate.state, permission).await?;
            parts.extensions.insert(farm);
        }
    }
    Ok(next.run(Request::from_parts(parts, body)).await)
}

/// A farm of others and one that does not exist look the same; on one's own farm a missing right is told.
async fn farm(
    parts: &mut Parts,
    state: &AppState,
    permission: Permission,
) -> Result<Farm, AppError> {
    let visitor = Visitor::from_request_parts(parts, state).await?;
    let named = RawPathParams::from_request_parts(parts, state).await;
    let named = named.map_err(|_| AppError::NotFound)?;
    let farm = named.iter().find(|(name, _)| *name == "farm").map(|(_, farm)| farm);
    let scope = visitor.farm(state, farm.ok_or(AppError::Unknown)?).await?;
    if scope.role().may(permission) {
        return Ok(Farm(scope));
    }
    let data = json!({ "farm": scope.farm(), "permission": format!("{permission:?}") });
    let (kind, user) = (EventKind::AccessRefused, Some(scope.user()));
    audit::record(state, &visitor, Refusal { kind, user, data }).await;
    Err(AppError::Forbidden)
}
