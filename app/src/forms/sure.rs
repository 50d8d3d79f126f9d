//! Pages that ask whether one is sure have a form with one button and nothing else.
use serde::Deserialize;

/// The button was pressed. A request without it is refused, so that none does harm by chance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sure {
    #[serde(rename = "sure")]
    _sure: Yes,
}

/// What the button of such a form says, for one that has more fields.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Yes {
    /// The one thing it can say.
    Yes,
}
