//! A farm's facts as the database knows them, and since when what is wrong has been so.
use super::{Facts, Standpoint, standpoint};
use crate::{error::AppError, reader::zone};
use domain::{
    DeviceId, Timestamp,
    home::{Measure, Verdict},
};
use std::collections::HashMap;
use store::{
    AsyncPgConnection, FarmScope,
    home::{House, Series, load, past_limit_since},
};

impl Facts {
    /// Everything of a farm; nothing if it is gone.
    ///
    /// # Errors
    /// The database did not answer.
    pub(crate) async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        now: Timestamp,
    ) -> Result<Option<Self>, AppError> {
        let Some(farm) = load(conn, scope).await? else { return Ok(None) };
        let zone = zone(&farm.timezone);
        let mut facts = Self { farm, zone, past_limit_since: HashMap::new() };
        // houses with the same limits are asked for once
        let mut asked = Vec::new();
        for (standpoint, device, measure) in facts.past_limits(now) {
            let Some(past) = measure.good.past(measure.value) else { continue };
            let question = (standpoint.1, past);
            let known = asked.iter().find(|(one, _)| *one == question).map(|(_, since)| *since);
            let since = match known {
                Some(since) => since,
                None => past_limit_since(conn, device, measure.sensor, past, now).await?,
            };
            asked.push((question, since));
            facts.past_limit_since.insert(standpoint, since);
        }
        Ok(Some(facts))
    }

    /// What decides the verdict of a house and is past its limit.
    fn past_limits(&self, now: Timestamp) -> Vec<(Standpoint, DeviceId, Measure)> {
        let mut found = Vec::new();
        for house in self.houses() {
            let readings = self.readings(house, now);
            let (answer, reading) = self.answer(&readings, now);
            if let (Verdict::Wrong { .. }, Some(reading)) = (answer.verdict, reading)
                && let Some(measure) = reading.measure
            {
                found.push((standpoint(house, reading.series), reading.device.id, measure));
            }
        }
        found
    }

    /// Since when the value of a series has been past its limit in a house, if that is known.
    pub(crate) fn past_since(&self, house: Option<&House>, series: &Series) -> Option<Timestamp> {
        self.past_limit_since.get(&standpoint(house, series)).copied().flatten()
    }

    /// Whether that is settled for all that decides a verdict.
    pub(crate) fn knows_since(&self, now: Timestamp) -> bool {
        let past = self.past_limits(now);
        past.iter().all(|(standpoint, ..)| self.past_limit_since.contains_key(standpoint))
    }
}
