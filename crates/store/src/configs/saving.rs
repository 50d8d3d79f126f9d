//! What people set of a device: all of one form in one transaction, with what it was before.
use super::{Parameter, begin, end};
use crate::{
    Database, FarmScope, Origin, StoreError, commands::lock, interlocks, statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Double, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId,
    commands::{Bounds, Interlocks},
    configs::{DeviceConfig, POLLING_INTERVAL, POLLING_S, range_of},
    devices::{DeviceKind, DeviceType},
    events::EventKind,
};
use serde_json::{Value, json};
use std::time::Duration;

/// How a device is set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What it is for.
    pub kind: DeviceKind,
    /// What its channel is electrically.
    pub device_type: DeviceType,
    /// What is set of it besides its interlocks.
    pub config: DeviceConfig,
    /// What it must keep to.
    pub interlocks: Interlocks,
}

/// What saving came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Something is another now.
    Changed,
    /// All was so already.
    Same,
    /// The farm has no such device, or the device no such quantity.
    NoDevice,
}

/// How a farm's device is set; nothing if the farm has none of that identity.
pub async fn find(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    device: DeviceId,
) -> Result<Option<Settings>, StoreError> {
    type Columns = (Text, Text, Nullable<Double>, Nullable<Double>, Nullable<Double>);
    type Row = (String, String, Option<f64>, Option<f64>, Option<f64>);
    let sql = "SELECT d.kind::text, d.type::text, (p.parameter_value #>> '{}')::float8,
            b.min_value::float8, b.max_value::float8
        FROM devices d
        LEFT JOIN device_configs p ON p.device_id = d.id AND p.deleted_at IS NULL
            AND p.parameter_name = 'polling_interval' AND jsonb_typeof(p.parameter_value) = 'number'
        LEFT JOIN device_configs b ON b.device_id = d.id AND b.deleted_at IS NULL
            AND b.parameter_name = CASE d.type WHEN 'servo' THEN 'angle' ELSE 'value' END
        WHERE d.id = ? AND d.farm_id = ? AND d.deleted_at IS NULL";
    let row: Option<Row> = Statement::<Columns>::new(sql, &[&device.0, &farm.0])
        .get_result(connection)
        .await
        .optional()?;
    let Some((kind, device_type, polling, least, most)) = row else { return Ok(None) };
    let Some(device_type) = DeviceType::parse(&device_type) else { return Ok(None) };
    let Some(interlocks) = interlocks::find(connection, farm, device).await? else {
        return Ok(None);
    };
    let widest = range_of(device_type).map(|(_, widest, _)| widest);
    let bounds = widest.filter(|_| least.is_some() || most.is_some()).map(|widest| Bounds {
        least: least.unwrap_or(widest.least),
        most: most.unwrap_or(widest.most),
    });
    let polling_interval = polling.and_then(|s| Duration::try_from_secs_f64(s).ok());
    let config = DeviceConfig { polling_interval, bounds };
    Ok(Some(Settings { kind: DeviceKind::parse(&kind), device_type, config, interlocks }))
}

/// Sets a device anew, checked before by [`DeviceConfig::check`] and [`Interlocks::check`]. Its controller is told
/// what concerns it.
pub async fn save(
    database: &Database,
    scope: &FarmScope,
    (device, config, interlocks): (DeviceId, &DeviceConfig, &Interlocks),
    origin: &Origin<'_>,
) -> Result<Saved, StoreError> {
    scope
        .run(database, async |conn| {
            if lock(conn, &[device.0]).await?.is_empty() {
                return Ok(Saved::NoDevice);
            }
            let Some(before) = find(conn, scope.farm(), device).await? else {
                return Ok(Saved::NoDevice);
            };
            let is_changed = before.config != *config;
            if is_changed {
                write(conn, (scope, device), (&before, config), origin).await?;
                let data = json!({ "from": told(&before.config), "to": told(config) });
                let of = (scope, Some(device));
                origin.record_of(conn, EventKind::DeviceConfigured, of, data).await?;
            }
            let wish = (device, &before.interlocks, interlocks);
            let has_changed = interlocks::change(conn, scope, wish, origin).await?;
            Ok(if is_changed || has_changed { Saved::Changed } else { Saved::Same })
        })
        .await
}

async fn write(
    conn: &mut AsyncPgConnection,
    (scope, device): (&FarmScope, DeviceId),
    (before, config): (&Settings, &DeviceConfig),
    origin: &Origin<'_>,
) -> Result<(), StoreError> {
    let place = (scope.farm(), device);
    if before.config.polling_interval != config.polling_interval {
        end(conn, (device, POLLING_INTERVAL), origin.at).await?;
        if let Some(span) = config.polling_interval {
            let parameter = Parameter {
                name: POLLING_INTERVAL,
                value: json!(span.as_secs()),
                unit: "s",
                bounds: Some((POLLING_S.0.into(), POLLING_S.1.into())),
                is_calibrated: false,
            };
            begin(conn, place, &parameter, origin.at).await?;
        }
    }
    if before.config.bounds == config.bounds {
        return Ok(());
    }
    let Some((name, _, unit)) = range_of(before.device_type) else { return Ok(()) };
    end(conn, (device, name), origin.at).await?;
    if let Some(Bounds { least, most }) = config.bounds {
        let value = json!({ "least": least, "most": most });
        let bounds = Some((least, most));
        let parameter = Parameter { name, value, unit, bounds, is_calibrated: false };
        begin(conn, place, &parameter, origin.at).await?;
    }
    Ok(())
}

/// A config as an event keeps it.
fn told(config: &DeviceConfig) -> Value {
    json!({
        "polling_interval_s": config.polling_interval.map(|span| span.as_secs()),
        "least": config.bounds.map(|bounds| bounds.least),
        "most": config.bounds.map(|bounds| bounds.most),
    })
}
