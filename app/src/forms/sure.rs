//! Pages that ask whether one is sure have a form with one button and nothing else.
use serde::Deserialize;

/// The button was pressed. A request without it is refused, so that none does harm by chance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sure {
    #[serde(rename = "sure")]
    _sure: Yes,
}

/// `yes`, of a button or a box that was ticked.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Yes {
    Yes,
}
