//! A press of − or + where no scripts run: the page comes back with the next number.
use super::{page::Page, returned::Returned, submit::Go, view::STEP};
use crate::error::AppError;
use axum::response::Response;
use domain::{DeviceId, commands::Bounds};

impl Page<'_> {
    /// A device's own page with the next number in its field.
    pub(super) async fn step(
        self,
        device: DeviceId,
        (typed, go): (f64, Go),
    ) -> Result<Response, AppError> {
        let loaded = self.load().await?;
        let bounds = loaded.switches.stance(device).and_then(|stance| stance.bounds);
        let (_, bounds) = bounds.ok_or(AppError::NotFound)?;
        let value = Some(self.visitor.reader.field_decimal(next(typed, go, bounds), 0));
        self.one(&loaded, device, Returned { value, ..Returned::default() })
    }
}

/// The number after what was typed, which may be none, within bounds.
fn next(typed: f64, go: Go, bounds: Bounds) -> f64 {
    let next = match go {
        Go::Less => typed - f64::from(STEP),
        Go::More => typed + f64::from(STEP),
    };
    let next = if next.is_finite() { next } else { bounds.least };
    next.clamp(bounds.least, bounds.most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_stays_within_the_bounds_of_the_device() {
        let bounds = Bounds { least: 20.0, most: 80.0 };
        assert_eq!((next(40.0, Go::Less, bounds), next(40.0, Go::More, bounds)), (35.0, 45.0));
        assert_eq!((next(22.0, Go::Less, bounds), next(79.0, Go::More, bounds)), (20.0, 80.0));
        assert_eq!((next(500.0, Go::Less, bounds), next(f64::NAN, Go::More, bounds)), (80.0, 20.0));
    }
}
