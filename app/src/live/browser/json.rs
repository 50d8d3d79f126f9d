//! JSON by the browser's own parser. The shapes are those of `news.rs`.
use wasm_bindgen::JsValue;

/// A value that came from the server.
pub(super) struct Json(JsValue);

impl Json {
    pub(super) fn parse(text: &str) -> Option<Self> {
        js_sys::JSON::parse(text).ok().map(Self)
    }

    /// A member that is there.
    pub(super) fn get(&self, name: &str) -> Option<Self> {
        let value = js_sys::Reflect::get(&self.0, &name.into()).ok()?;
        (!value.is_null() && !value.is_undefined()).then_some(Self(value))
    }

    /// A text; nothing there is an empty one.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).and_then(|value| value.0.as_string()).unwrap_or_default()
    }

    /// A whole number; nothing there is zero.
    pub(super) fn number(&self, name: &str) -> i64 {
        let number = self.get(name).and_then(|value| value.0.as_f64()).unwrap_or_default();
        #[expect(clippy::as_conversions, reason = "milliseconds since 1970 fit an i64 by far")]
        let number = number as i64;
        number
    }

    /// The members of a list.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = Self> + use<> {
        let list = self.get(name).map(|list| js_sys::Array::from(&list.0)).unwrap_or_default();
        (0..list.length()).map(move |i| Self(list.get(i)))
    }

    /// A list of two texts.
    pub(super) fn pair(&self) -> (String, String) {
        let pair = js_sys::Array::from(&self.0);
        let text = |i| pair.get(i).as_string().unwrap_or_default();
        (text(0), text(1))
    }
}
