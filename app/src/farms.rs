//! The list of a person's farms.
use crate::{
    document::{Page, respond},
    error::AppError,
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;
use store::farms::{MyFarm, of_user};

/// `GET /farms`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let account = visitor.account()?;
    let mut conn = account.begin(&state.database).await?;
    let farms = of_user(&mut conn, account.user).await?;
    conn.commit().await?;
    let reader = visitor.reader;
    let page = Page { title: reader.say("farms-title"), ..Page::default() };
    Ok(respond(&state, &visitor, page, || view! { <Farms reader farms/> }))
}

#[component]
fn Farms(reader: Reader, farms: Vec<MyFarm>) -> impl IntoView {
    if farms.is_empty() {
        return view! {
            <div class="page__head">
                <h1>{reader.say("farms-none")}</h1>
                <p class="lead">{reader.say("farms-none-help")}</p>
            </div>
        }
        .into_any();
    }
    let rows = farms.into_iter().map(|farm| {
        let role = reader.say(&format!("role-{}", farm.role.name()));
        let about = [Some(role), farm.location].into_iter().flatten().collect::<Vec<_>>();
        view! {
            <li>
                <a class="row" href=format!("/farms/{}", farm.id)>
                    <Icon name="home"/>
                    <span><b>{farm.name}</b><small>{about.join(" · ")}</small></span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    });
    view! {
        <h1>{reader.say("farms-title")}</h1>
        <ul class="list">{rows.collect_view()}</ul>
    }
    .into_any()
}
