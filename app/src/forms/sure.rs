//! Pages that ask whether one is sure have a form with one button and nothing else.
use crate::once::Once;
use serde::Deserialize;

/// The button was pressed. A request without it is refused, so that none does harm by chance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sure {
    #[serde(rename = "sure")]
    _sure: Yes,
}

/// The same of a form that makes a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SureOnce {
    #[serde(rename = "sure")]
    _sure: Yes,
    /// What the secret follows from.
    pub(crate) once: Option<Once>,
}

/// `yes`, of a button or a box that was ticked.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Yes {
    /// The one thing it can say.
    Yes,
}
