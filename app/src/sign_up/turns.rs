//! How often one may make accounts, and be told of those that there are. It counts as both until it is known
//! which of them it was: so that many at once are counted too. Where one of the two is used up nobody of that
//! address makes an account: whoever still could would tell by it which numbers are new.
use super::Made;
use crate::{
    limits::{Subject, Taken, Wait},
    state::AppState,
    visitor::Visitor,
};

/// What one form has taken.
pub(super) struct Turns {
    here: Subject,
    made: Taken,
    told: Taken,
}

impl Turns {
    /// Takes one of each.
    ///
    /// # Errors
    /// There were too many from this address.
    pub(super) async fn take(state: &AppState, visitor: &Visitor) -> Result<Self, Wait> {
        let (now, here) = (state.clock.now(), Subject::address(visitor.came.address));
        let made = state.limits.new_accounts.take(&[here], now).await?;
        match state.limits.known_logins.take(&[here], now).await {
            Ok(told) => Ok(Self { here, made, told }),
            Err(wait) => {
                state.limits.new_accounts.give_back(here, made).await;
                Err(wait)
            }
        }
    }

    /// Gives back what was not done; nothing was where it failed.
    pub(super) async fn give_back(self, state: &AppState, what: Option<&Made>) {
        let Self { here, made, told } = self;
        if !matches!(what, Some(Made::New(_))) {
            state.limits.new_accounts.give_back(here, made).await;
        }
        if !matches!(what, Some(Made::Taken)) {
            state.limits.known_logins.give_back(here, told).await;
        }
    }
}
