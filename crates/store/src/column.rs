//! Array parameters for statements that take many rows at once: each column is one array, written
//! straight into PostgreSQL's binary form. (diesel's own arrays go through a buffer per element.)
use crate::pg::EPOCH_MICROS;
use diesel::{
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types::{
        Array, BigInt, Bytea, Double, Integer, SmallInt, Text, Timestamptz, Uuid as SqlUuid,
    },
};
use domain::Timestamp;
use std::{error::Error, fmt, io::Write};
use uuid::Uuid;

/// 4000-01-01T00:00:00Z in microseconds since 1970: what a device claims beyond is cut, because
/// PostgreSQL could not hold all of it.
const LATEST: i64 = 64_060_588_800_000_000;

type Written<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// What can stand in a [`Column`].
pub(crate) trait Element: fmt::Debug {
    /// The element's SQL type.
    type Sql: 'static;
    /// Its number in PostgreSQL's catalogue.
    const OID: u32;
    /// Writes its length and its bytes.
    fn put(&self, out: &mut impl Write) -> Written<()>;
    /// Whether it is NULL.
    fn is_null(&self) -> bool {
        false
    }
}

/// One array parameter. A column of nothing but NULLs is sent empty: `unnest` fills it up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column<'a, T>(pub(crate) &'a [T]);

impl<T: Element> ToSql<Array<T::Sql>, Pg> for Column<'_, T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let Self(elements) = *self;
        let elements = if elements.iter().all(Element::is_null) { &[] } else { elements };
        let dimensions = i32::from(!elements.is_empty());
        let has_nulls = 1_i32;
        for word in [dimensions.to_be_bytes(), has_nulls.to_be_bytes(), T::OID.to_be_bytes()] {
            out.write_all(&word)?;
        }
        if !elements.is_empty() {
            let lower_bound = 1_i32;
            out.write_all(&length(elements.len())?)?;
            out.write_all(&lower_bound.to_be_bytes())?;
        }
        elements.iter().try_for_each(|element| element.put(out))?;
        Ok(IsNull::No)
    }
}

fn length(bytes: usize) -> Written<[u8; 4]> {
    Ok(i32::try_from(bytes)?.to_be_bytes())
}

impl<T: Element> Element for Option<T> {
    type Sql = T::Sql;
    const OID: u32 = T::OID;
    fn put(&self, out: &mut impl Write) -> Written<()> {
        match self {
            Some(value) => value.put(out),
            None => Ok(out.write_all(&(-1_i32).to_be_bytes())?),
        }
    }
    fn is_null(&self) -> bool {
        self.is_none()
    }
}

macro_rules! number_elements {
    ($($type:ty, $sql:ty, $oid:literal, $bytes:literal);+ $(;)?) => {$(
        impl Element for $type {
            type Sql = $sql;
            const OID: u32 = $oid;
            #[inline]
            fn put(&self, out: &mut impl Write) -> Written<()> {
                let mut field = [0; 4 + $bytes];
                let (length, value) = field.split_at_mut(4);
                length.copy_from_slice(&i32::to_be_bytes($bytes));
                value.copy_from_slice(&self.to_be_bytes());
                Ok(out.write_all(&field)?)
            }
        }
    )+};
}

number_elements! {
    i16, SmallInt, 21, 2;
    i32, Integer, 23, 4;
    i64, BigInt, 20, 8;
    f64, Double, 701, 8;
}

impl Element for Timestamp {
    type Sql = Timestamptz;
    const OID: u32 = 1184;
    #[inline]
    fn put(&self, out: &mut impl Write) -> Written<()> {
        (self.as_micros().clamp(-LATEST, LATEST) - EPOCH_MICROS).put(out)
    }
}

macro_rules! byte_elements {
    ($($type:ty, $sql:ty, $oid:literal, $bytes:ident);+ $(;)?) => {$(
        impl Element for $type {
            type Sql = $sql;
            const OID: u32 = $oid;
            fn put(&self, out: &mut impl Write) -> Written<()> {
                let bytes: &[u8] = self.$bytes();
                out.write_all(&length(bytes.len())?)?;
                Ok(out.write_all(bytes)?)
            }
        }
    )+};
}

byte_elements! {
    Uuid, SqlUuid, 2950, as_bytes;
    &str, Text, 25, as_bytes;
    String, Text, 25, as_bytes;
    &[u8], Bytea, 17, as_ref;
    Vec<u8>, Bytea, 17, as_slice;
}
