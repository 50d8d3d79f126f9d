//! How domain types stand in PostgreSQL. Row structs read these; nothing outside the store sees them.
use crate::schema::sql_types;
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow, Queryable},
    expression::AsExpression,
    pg::{Pg, PgValue},
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Timestamptz},
};
use domain::{
    Timestamp,
    devices::{DeviceKind, DeviceType},
    events::Severity,
    roles::Role,
};
use std::io::Write;

/// Microseconds from 1970 to 2000, where PostgreSQL begins to count.
pub(crate) const EPOCH_MICROS: i64 = 946_684_800_000_000;

/// An instant as PostgreSQL keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Timestamptz)]
pub(crate) struct PgTime(pub(crate) Timestamp);

impl ToSql<Timestamptz, Pg> for PgTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0.as_micros().saturating_sub(EPOCH_MICROS);
        ToSql::<BigInt, Pg>::to_sql(&micros, &mut out.reborrow())
    }
}

impl FromSql<Timestamptz, Pg> for PgTime {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = <i64 as FromSql<BigInt, Pg>>::from_sql(value)?;
        Ok(Self(Timestamp::from_micros(micros.saturating_add(EPOCH_MICROS))))
    }
}

impl From<Timestamp> for PgTime {
    fn from(time: Timestamp) -> Self {
        Self(time)
    }
}

impl From<PgTime> for Timestamp {
    fn from(time: PgTime) -> Self {
        time.0
    }
}

/// A domain enum on its way into the database. (Reading needs no wrapper; a value in a query must be
/// of a type of this crate's.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression)]
#[diesel(sql_type = sql_types::EventSeverity)]
#[diesel(sql_type = sql_types::UserRole)]
#[diesel(sql_type = sql_types::DeviceKind)]
#[diesel(sql_type = sql_types::DeviceType)]
pub(crate) struct PgEnum<T>(pub(crate) T);

/// Lets a domain enum stand for one of the database's enumerated types: its name there, and back.
macro_rules! pg_enum {
    ($rust:ty as $sql:ident, $parse:expr) => {
        impl ToSql<sql_types::$sql, Pg> for PgEnum<$rust> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                out.write_all(self.0.name().as_bytes())?;
                Ok(serialize::IsNull::No)
            }
        }

        impl FromSql<sql_types::$sql, Pg> for $rust {
            fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
                let name = std::str::from_utf8(value.as_bytes())?;
                let parsed: Option<Self> = $parse(name);
                parsed.ok_or_else(|| format!("{name:?} is no {}", stringify!($rust)).into())
            }
        }

        impl Queryable<sql_types::$sql, Pg> for $rust {
            type Row = Self;
            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}

pg_enum!(Role as UserRole, Role::parse);
pg_enum!(DeviceKind as DeviceKind, |name| Some(DeviceKind::parse(name)));
pg_enum!(DeviceType as DeviceType, DeviceType::parse);
pg_enum!(Severity as EventSeverity, Severity::parse);
