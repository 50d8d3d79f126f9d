//! The wasm entry: starts the islands, nothing else.

/// Prepares the page; `boot.js` then starts each island.
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    #[expect(unused_imports, reason = "links the islands in")]
    use app::*;
    leptos::mount::hydrate_islands();
}
