//! Who may use an endpoint: declared with each one, asked before its handler runs, walked by the tests.
//! [`Endpoints`] is the only way into the router, so that none can be added without saying. Here each request
//! is counted too, and a session gets its new token.
use crate::{
    audit::{self, Refusal},
    error::AppError,
    limits::{Subject, Wait},
    state::AppState,
    visitor::{IsPage, Visitor},
};
use axum::{
    Router,
    extract::{FromRequestParts, RawPathParams, Request, State},
    handler::Handler,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{self, MethodRouter},
};
use domain::{events::EventKind, permissions::Permission};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::json;
use store::FarmScope;

/// What one person may ask of one endpoint in a minute, besides reading it.
const WRITES_A_MINUTE: u32 = 30;
const STREAMS_A_MINUTE: u32 = 600;
/// What strangers of one address may send to one endpoint: whole villages share one.
const FORMS_OF_STRANGERS_A_MINUTE: u32 = 60;

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

    /// Adds a stream of events, which is opened far more often than a page: by every tab, and anew whenever
    /// the connection was lost.
    pub(crate) fn stream<H, T>(mut self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let endpoint = Endpoint { method: Method::GET, path, access };
        self.add_with(endpoint, STREAMS_A_MINUTE, routing::get(handler));
        self
    }

    fn add(mut self, endpoint: Endpoint, handler: MethodRouter<AppState>) -> Self {
        let is_read = endpoint.method == Method::GET;
        let most = if is_read { self.state.limits.reads_a_minute } else { WRITES_A_MINUTE };
        self.add_with(endpoint, most, handler);
        self
    }

    fn add_with(&mut self, endpoint: Endpoint, most: u32, handler: MethodRouter<AppState>) {
        let is_page = self
            .list
            .iter()
            .chain([&endpoint])
            .any(|other| other.method == Method::GET && other.path == endpoint.path);
        let gate = Gate { endpoint: endpoint.clone(), most, is_page, state: self.state.clone() };
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

#[derive(Clone)]
struct Gate {
    endpoint: Endpoint,
    most: u32,
    /// Whether the address can be asked for; a form's page is declared before the form.
    is_page: bool,
    state: AppState,
}

/// Lets a request through to its handler if its endpoint says so.
async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let is_page = gate.is_page;
    if is_page {
        request.extensions_mut().insert(IsPage);
    }
    let mut response = admit(gate, request, next).await.into_response();
    if is_page {
        // for the page that may have to tell of a failure
        response.extensions_mut().insert(IsPage);
    }
    response
}

async fn admit(gate: Gate, request: Request, next: Next) -> Result<Response, Refused> {
    let (mut parts, body) = request.into_parts();
    let visitor = Visitor::from_request_parts(&mut parts, &gate.state).await?;
    // looked at once: a session that is not found forgets its id
    parts.extensions.insert(visitor.clone());
    count(&gate, &visitor).await?;
    let scope = match gate.endpoint.access {
        Access::Anyone => None,
        Access::SignedIn => {
            visitor.account()?;
            None
        }
        Access::Farm(permission) => {
            let farm = farm(&mut parts, &gate.state, (&visitor, permission)).await?;
            parts.extensions.insert(farm);
            Some((farm, permission))
        }
    };
    let may_renew = visitor.may_renew(&parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.status() == StatusCode::NOT_FOUND {
        tell_missing(&gate, &visitor, scope).await;
    }
    // a failure of ours brings no cookie
    if may_renew
        && !response.status().is_server_error()
        && let Err(error) = visitor.renew(&gate.state).await
    {
        tracing::warn!(?error, "A session could not get its new token; it is tried again");
    }
    Ok(response)
}

/// Counts a request by who makes it. Strangers only read what anybody may, and many of them share an
/// address: of theirs what is written counts.
async fn count(gate: &Gate, visitor: &Visitor) -> Result<(), Wait> {
    let Endpoint { method, path, .. } = &gate.endpoint;
    let (who, most) = match &visitor.account {
        Some(account) => (account.user.to_string(), gate.most),
        None if method == Method::GET => return Ok(()),
        None => {
            let address = Subject::address(visitor.came.address);
            (address.to_string(), FORMS_OF_STRANGERS_A_MINUTE)
        }
    };
    let (endpoint, now) = (format!("{method} {path}"), gate.state.clock.now());
    gate.state.limits.requests.count((&who, &endpoint), most, now).await
}

/// Why a request does not reach its handler.
#[derive(Debug)]
enum Refused {
    Error(AppError),
    TooMany(Wait),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Error(error)
    }
}

impl From<Wait> for Refused {
    fn from(wait: Wait) -> Self {
        Self::TooMany(wait)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Error(error) => error.into_response(),
            Self::TooMany(Wait(wait)) => {
                let seconds = wait.as_millis().div_ceil(1000).max(1);
                let mut response = AppError::Busy.into_response();
                if let Ok(seconds) = HeaderValue::try_from(seconds.to_string()) {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds);
                }
                response
            }
        }
    }
}

/// A farm of others and one that does not exist look the same; on one's own farm a missing right is told.
async fn farm(
    parts: &mut Parts,
    state: &AppState,
    (visitor, permission): (&Visitor, Permission),
) -> Result<Farm, AppError> {
    let named = RawPathParams::from_request_parts(parts, state).await;
    let named = named.map_err(|_| AppError::NotFound)?;
    let farm = named.iter().find(|(name, _)| *name == "farm").map(|(_, farm)| farm);
    let scope = visitor.farm(state, farm.ok_or(AppError::Unknown)?).await?;
    if scope.role().may(permission) {
        return Ok(Farm(scope));
    }
    let data = json!({ "farm": scope.farm(), "permission": format!("{permission:?}") });
    let (kind, user) = (EventKind::AccessRefused, Some(scope.user()));
    audit::record(state, visitor, Refusal { kind, user, data }).await;
    Err(AppError::Forbidden)
}

/// Records that a farm has no such house, member or other thing: it may be another farm's.
async fn tell_missing(gate: &Gate, visitor: &Visitor, scope: Option<(Farm, Permission)>) {
    let Some((Farm(scope), permission)) = scope else { return };
    let Endpoint { path, .. } = gate.endpoint;
    if path.matches('{').count() < 2 {
        return;
    }
    let data = json!({
        "farm": scope.farm(),
        "permission": format!("{permission:?}"),
        "path": path,
    });
    let (kind, user) = (EventKind::AccessRefused, Some(scope.user()));
    audit::record(&gate.state, visitor, Refusal { kind, user, data }).await;
}
