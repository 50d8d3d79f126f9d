//! Who may use an endpoint: declared with each one, asked before its handler runs, walked by the tests.
//! [`Endpoints`] is the only way into the router, so that none can be added without saying.

mod count;
mod gate;

use crate::{error::AppError, state::AppState};
use axum::{
    Router,
    extract::FromRequestParts,
    handler::Handler,
    middleware,
    routing::{self, MethodRouter},
};
use domain::permissions::Permission;
use gate::{Gate, pass};
use http::{Method, request::Parts};
use store::FarmScope;

/// What one person may ask of one endpoint in a minute, besides reading it.
const WRITES_A_MINUTE: u32 = 30;
const STREAMS_A_MINUTE: u32 = 600;
const STEPS_A_MINUTE: u32 = 300;

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

    /// Adds a page. One of a farm has its transaction when it begins: its handler reads by `Visitor::read`
    /// before it asks the database for anything else, so that it has one connection at a time.
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

    /// Adds a form that is sent at each press of a − or +, until all is as one wants it; or of a switch.
    pub(crate) fn steps<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let endpoint = Endpoint { method: Method::POST, path, access };
        self.add_with((endpoint, false), STEPS_A_MINUTE, routing::post(handler));
        self
    }

    /// Adds a stream of events, which is opened far more often than a page: by every tab, and anew whenever
    /// the connection was lost.
    pub(crate) fn stream<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let endpoint = Endpoint { method: Method::GET, path, access };
        self.add_with((endpoint, false), STREAMS_A_MINUTE, routing::get(handler));
        self
    }

    fn add(mut self, endpoint: Endpoint, handler: MethodRouter<AppState>) -> Self {
        let is_read = endpoint.method == Method::GET;
        let most = if is_read { self.state.limits.reads_a_minute } else { WRITES_A_MINUTE };
        let opens = is_read && matches!(endpoint.access, Access::Farm(_));
        self.add_with((endpoint, opens), most, handler);
        self
    }

    fn add_with(
        &mut self,
        (endpoint, opens): (Endpoint, bool),
        most: u32,
        handler: MethodRouter<AppState>,
    ) {
        let is_page = self
            .list
            .iter()
            .chain([&endpoint])
            .any(|other| other.method == Method::GET && other.path == endpoint.path);
        let (own, state) = (endpoint.clone(), self.state.clone());
        let gate = Gate { endpoint: own, most, is_page, opens, state };
        let guarded = handler.route_layer(middleware::from_fn_with_state(gate, pass));
        self.router = std::mem::take(&mut self.router).route(endpoint.path, guarded);
        self.list.push(endpoint);
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
