//! QR codes, drawn into the page.
use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

/// White around the code, in modules; the ticket's own padding is the rest.
const MARGIN: usize = 2;

/// A text for a phone's camera.
#[component]
pub(crate) fn Qr(
    /// What it says.
    text: String,
    /// What it is, for people who do not see it.
    label: String,
) -> impl IntoView {
    drawing(&text).map(|(size, path)| {
        let whole = size + 2 * MARGIN;
        view! {
            <svg
                class="qr"
                viewBox=format!("-{MARGIN} -{MARGIN} {whole} {whole}")
                role="img"
                aria-label=label
                shape-rendering="crispEdges"
            >
                <path fill="#000" d=path></path>
            </svg>
        }
    })
}

/// Modules along a side, and the dark ones as a path; nothing if the text is too long for any code.
fn drawing(text: &str) -> Option<(usize, String)> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let (width, colors) = (code.width(), code.to_colors());
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                path.push_str(&format!("M{x} {y}h{0}v1h-{0}z", run.len()));
            }
            x += run.len();
        }
    }
    Some((width, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_code_with_its_three_corners() {
        let (size, path) = drawing("https://farm.example.org/join/K7RM4PXD").unwrap();
        assert_eq!(size, 29);
        assert!(path.starts_with("M0 0h7v1h-7z"), "the left corner");
        assert!(path.contains("M22 0h7v1h-7z"), "the right corner");
        assert!(path.contains("M0 28h7v1h-7z"), "the corner below");
    }

    #[test]
    fn what_no_code_can_hold_is_not_drawn() {
        assert_eq!(drawing(&"x".repeat(5000)), None);
    }
}
