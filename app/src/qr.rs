//! QR codes as one path each, drawn by the server: no script, no picture to fetch.
use leptos::prelude::*;
use qrcode::{Color, QrCode};
use std::fmt::Write as _;

/// Empty squares around the code; the white box around it adds some more.
const MARGIN: usize = 2;

/// A QR code for a phone's camera; nothing if the text is too long for one.
#[component]
pub(crate) fn Qr(
    /// What the phone reads.
    text: String,
    /// What it is, for people who do not see it.
    label: String,
) -> impl IntoView {
    let (side, path) = drawing(&text)?;
    let whole = side + 2 * MARGIN;
    let frame = format!("-{MARGIN} -{MARGIN} {whole} {whole}");
    Some(view! {
        <svg class="qr" viewBox=frame role="img" aria-label=label shape-rendering="crispEdges">
            <path fill="#000" d=path/>
        </svg>
    })
}

/// The side in squares, and a path of the dark ones, a run for each stretch of a row.
fn drawing(text: &str) -> Option<(usize, String)> {
    let code = QrCode::new(text).ok()?;
    let side = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(side).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|one, next| one == next) {
            if run.first() == Some(&Color::Dark) {
                let length = run.len();
                // writing to a String does not fail
                _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
            }
            x += run.len();
        }
    }
    Some((side, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_has_the_three_corners_of_every_code() {
        let (side, path) = drawing("https://farm.example/join/K7RM4PXD").unwrap();
        assert_eq!(side, 29);
        assert!(path.starts_with("M0 0h7v1h-7z"));
        for corner in ["M22 0h7v1h-7z", "M0 22h7v1h-7z", "M0 28h7v1h-7z"] {
            assert!(path.contains(corner), "{corner}");
        }
    }

    #[test]
    fn a_text_too_long_for_a_code_has_none() {
        assert_eq!(drawing(&"x".repeat(10_000)), None);
    }
}
