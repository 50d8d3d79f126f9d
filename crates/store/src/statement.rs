//! SQL that Diesel's builder has no words for (several tables in one statement, arrays as tables),
//! prepared once per connection. Diesel caches neither `sql_query` nor an insert of many rows.
use crate::{
    StoreError,
    column::{Column, Element},
};
use diesel::{
    pg::Pg,
    query_builder::{AstPass, Query, QueryFragment, QueryId},
    result::QueryResult,
    serialize::ToSql,
    sql_types::{
        Array, BigInt, Bool, Bytea, Double, HasSqlType, Integer, Nullable, Text, Timestamptz,
        Uuid as SqlUuid,
    },
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use std::marker::PhantomData;
use uuid::Uuid;

use crate::pg::PgTime;

/// A statement whose text never changes, with a `?` for each parameter; `Row` is the SQL type of
/// what it returns.
pub(crate) struct Statement<'a, Row> {
    sql: &'static str,
    parameters: &'a [&'a dyn Parameter],
    row: PhantomData<Row>,
}

impl<'a, Row> Statement<'a, Row> {
    /// `parameters` stand for the `?` in their order; extra ones are not sent, missing ones are an
    /// error of the database.
    pub(crate) fn new(sql: &'static str, parameters: &'a [&'a dyn Parameter]) -> Self {
        Self { sql, parameters, row: PhantomData }
    }
}

impl Statement<'_, ()> {
    /// Runs it, and tells how many rows it was about.
    pub(crate) async fn run(self, connection: &mut AsyncPgConnection) -> Result<usize, StoreError> {
        Ok(self.execute(connection).await?)
    }
}

impl<Row> QueryFragment<Pg> for Statement<'_, Row> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let mut texts = self.sql.split('?');
        out.push_sql(texts.next().unwrap_or_default());
        for (parameter, text) in self.parameters.iter().zip(texts) {
            parameter.push(&mut out)?;
            out.push_sql(text);
        }
        Ok(())
    }
}

impl<Row> QueryId for Statement<'_, Row> {
    type QueryId = ();
    // the text is the key of the cache
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Row> Query for Statement<'_, Row> {
    type SqlType = Row;
}

/// A value that stands for a `?`.
pub(crate) trait Parameter: Sync {
    /// Adds it to the statement.
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()>;
}

impl<T> Parameter for Column<'_, T>
where
    T: Element + Sync,
    Pg: HasSqlType<Array<T::Sql>>,
    Self: ToSql<Array<T::Sql>, Pg>,
{
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Array<T::Sql>, Self>(self)
    }
}

macro_rules! scalars {
    ($($type:ty as $sql:ty),+ $(,)?) => {$(
        impl Parameter for $type {
            fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_bind_param::<$sql, Self>(self)
            }
        }
    )+};
}

scalars! {
    bool as Bool,
    i32 as Integer,
    i64 as BigInt,
    f64 as Double,
    &str as Text,
    &[u8] as Bytea,
    Option<i32> as Nullable<Integer>,
    Option<f64> as Nullable<Double>,
    Option<&str> as Nullable<Text>,
    Option<Uuid> as Nullable<SqlUuid>,
    Uuid as SqlUuid,
    PgTime as Timestamptz,
}
