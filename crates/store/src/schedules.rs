//! What devices shall do by themselves.
use crate::{StoreError, schema::schedules};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::DeviceId;
use uuid::Uuid;

/// A schedule that may fire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpcomingSchedule {
    /// Identity.
    pub id: Uuid,
    /// What the farmer calls it.
    pub name: String,
    /// Five cron fields in the farm's zone, if it goes by the clock that way.
    pub cron_expression: Option<String>,
    /// Who wins between two schedules of a device: the higher.
    pub priority: i32,
}

/// The schedules of a device that are switched on, by cron expression. Which of them fire within the
/// next hour is a pure function of their expressions and the time.
pub async fn upcoming(
    connection: &mut AsyncPgConnection,
    device: DeviceId,
) -> Result<Vec<UpcomingSchedule>, StoreError> {
    let rows: Vec<(Uuid, String, Option<String>, i32)> = schedules::table
        .filter(schedules::device_id.eq(device.0))
        .filter(schedules::is_enabled)
        .filter(schedules::deleted_at.is_null())
        .order((schedules::cron_expression, schedules::id))
        .select((schedules::id, schedules::name, schedules::cron_expression, schedules::priority))
        .load(connection)
        .await?;
    let schedule = |(id, name, cron_expression, priority)| UpcomingSchedule {
        id,
        name,
        cron_expression,
        priority,
    };
    Ok(rows.into_iter().map(schedule).collect())
}
