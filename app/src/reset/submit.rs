//! The form of a new password. Sent again when its code is used up, it is told what it has done before if it sets
//! the very same password.
use super::{KIND, view};
use crate::{
    codes::{self, Shut},
    document::secret,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    limits::Subject,
    new_password, proof,
    sign_in::Way,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{Timestamp, codes::Code};
use serde::Deserialize;
use store::{
    AsyncPgConnection, StoreError,
    resets::{self, Open, Used},
};

/// What was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPassword {
    #[serde(default)]
    password: String,
}

/// `POST /reset/{code}`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    Path(typed): Path<String>,
    Fields(NewPassword { password }): Fields<NewPassword>,
) -> Result<Response, AppError> {
    let sent = Sent { state: &state, visitor: &visitor, way: &way, password: &password };
    match codes::look_up(&state, &visitor, &typed, find).await? {
        Ok((code, Found::Open(whose))) => sent.set(&code, &whose.name).await,
        Ok((_, Found::Used(used))) => sent.again(used).await,
        Err(shut) => Ok(sent.shut(shut)),
    }
}

/// What a code leads to that somebody sends with a new password.
enum Found {
    /// It is good.
    Open(Open),
    /// It has set a password a while ago.
    Used(Used),
}

async fn find(
    conn: &mut AsyncPgConnection,
    code: &Code,
    now: Timestamp,
) -> Result<Option<Found>, StoreError> {
    Ok(match resets::find(conn, code, now).await? {
        Some(open) => Some(Found::Open(open)),
        None => find_used(conn, code, now).await?.map(Found::Used),
    })
}

async fn find_used(
    conn: &mut AsyncPgConnection,
    code: &Code,
    now: Timestamp,
) -> Result<Option<Used>, StoreError> {
    resets::find_used(conn, code, now.minus(proof::AGAIN)).await
}

/// The form as it came.
struct Sent<'a> {
    state: &'a AppState,
    visitor: &'a Visitor,
    way: &'a Way,
    password: &'a str,
}

impl Sent<'_> {
    /// Sets the password of the person called so, if it will do.
    async fn set(&self, code: &Code, name: &str) -> Result<Response, AppError> {
        let (state, visitor) = (self.state, self.visitor);
        let reader = &visitor.reader;
        let back =
            |faults| secret(view::page(state, visitor, (code, self.way, name.to_owned()), faults));
        let mut faults = Faults::default();
        let field = ("password", self.password);
        new_password::check(reader, field, vec![name.to_owned()], &mut faults).await?;
        if !faults.is_empty() {
            return Ok(refused(back(faults)));
        }
        match new_password::hash(state, self.password.to_owned()).await? {
            Ok(hash) => self.use_up(code, &hash).await,
            Err(_) => Ok(new_password::busy_page(back(new_password::busy(reader, "password")))),
        }
    }

    /// Sets it, which uses the code up and ends all sessions of the person.
    async fn use_up(&self, code: &Code, hash: &str) -> Result<Response, AppError> {
        let (state, now) = (self.state, self.state.clock.now());
        let origin = self.visitor.origin(now);
        let Some(reset) = resets::use_code(&state.database, (code, hash), &origin).await? else {
            // another was faster: the same form's first tap, perhaps
            let used = find_used(&mut *state.database.get().await?, code, now).await?;
            return match used {
                Some(used) => self.again(used).await,
                None => Ok(self.shut(Shut::Dead)),
            };
        };
        for token in &reset.ended {
            state.cache.forget_session(token).await;
        }
        // who had forgotten it has tried some
        state.limits.wrong_passwords.clear(Subject::account(reset.user)).await;
        Ok(self.done())
    }

    /// The form again whose code is used: it has set this very password, or is worth nothing. Who only has the
    /// code learns no more from that than at the door.
    async fn again(&self, used: Used) -> Result<Response, AppError> {
        let known = (used.user, used.password_hash);
        Ok(match proof::password_of(self.state, self.visitor, known, self.password).await? {
            Ok(()) => self.done(),
            Err(_) => self.shut(Shut::Dead),
        })
    }

    fn done(&self) -> Response {
        done(&self.way.through("/sign-in"), "password-set")
    }

    fn shut(&self, shut: Shut) -> Response {
        secret(codes::shut(self.state, self.visitor, (KIND, self.way), shut))
    }
}
