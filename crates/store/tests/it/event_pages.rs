//! The audit trail, page by page and filtered, of one farm; quick among many events.
use crate::{
    plan::{assert_uses_index, explain, statements_of},
    society::{NOW, Society, house_facts, later, origin},
};
use domain::{
    events::{EventCategory, EventKind, Severity},
    roles::Role,
};
use std::collections::BTreeSet;
use store::{
    FarmScope,
    events::{self, EventFilter, EventPage, Trace},
    houses, members,
};

async fn kinds(society: &Society, scope: &FarmScope, filter: EventFilter) -> Vec<String> {
    let mut conn = scope.begin(&society.app).await.unwrap();
    let found = events::page(&mut conn, scope.farm(), &filter, None).await.unwrap();
    found.traces.into_iter().map(|trace| trace.event.kind).collect()
}

#[tokio::test]
async fn events_are_found_by_what_they_tell() {
    let society = Society::new().await;
    let (sok, dara) = (society.person("sok").await, society.person("dara").await);
    society.execute("UPDATE users SET name = 'ដារ៉ា' WHERE name = 'dara'").await;
    let scope = society.farm(sok).await;
    society.join(&scope, dara, Role::Keeper).await;
    let house = house_facts("ទ្រុង 100%_\\");
    houses::create(&society.app, &scope, (houses::new_id(), &house), &origin()).await.unwrap();
    members::remove(&society.app, &scope, dara, &origin()).await.unwrap();
    let all =
        ["member_removed", "house_added", "invitation_used", "invitation_made", "farm_created"];
    let find = async |filter| kinds(&society, &scope, filter).await;
    let text = |text: &str| EventFilter { text: Some(text.to_owned()), ..EventFilter::default() };
    assert_eq!(find(EventFilter::default()).await, all);
    assert_eq!(find(text("ទ្រុង")).await, ["house_added"], "by data");
    assert_eq!(find(text("100%_\\")).await, ["house_added"], "by any character");
    assert_eq!(find(text("0%_")).await, ["house_added"], "no wildcards");
    assert_eq!(find(text("e%d")).await, Vec::<String>::new());
    assert_eq!(find(text("ដារ៉ា")).await, ["invitation_used"], "by the name of who has left");
    let kinds = EventFilter { kinds: vec![EventKind::FarmCreated], ..text("no such text") };
    assert_eq!(find(kinds).await, ["farm_created"], "by the reader's words for it");
    let values = EventFilter { values: vec![dara.to_string()], ..text("no such text") };
    assert_eq!(find(values).await, ["member_removed"], "by the reader's words for a value");
    let person = EventFilter { person: Some(dara), ..EventFilter::default() };
    assert_eq!(find(person).await, ["invitation_used"]);
    let severity = EventFilter { severity: Some(Severity::Warning), ..EventFilter::default() };
    assert_eq!(find(severity).await, ["member_removed"]);
    let system = EventFilter { category: Some(EventCategory::System), ..EventFilter::default() };
    assert_eq!(find(system).await, Vec::<String>::new());
    let from = EventFilter { from: Some(NOW), to: Some(later(1)), ..EventFilter::default() };
    assert_eq!(find(from).await, all);
    let before = EventFilter { to: Some(NOW), ..EventFilter::default() };
    assert_eq!(find(before).await, Vec::<String>::new(), "until, and not at");

    let mut conn = scope.begin(&society.app).await.unwrap();
    let found = events::page(&mut conn, scope.farm(), &EventFilter::default(), None).await.unwrap();
    let used: &Trace = &found.traces[2];
    assert_eq!(used.person.as_deref(), Some("ដារ៉ា"));
    assert_eq!(used.address, Some("192.0.2.7".parse().unwrap()));
    assert_eq!(used.user_agent.as_deref(), Some("Browser"));
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    let other = society.farm(society.person("dara").await).await;
    // many at one instant, over several partitions
    fill(&society, &scope, 1234, "60 days").await;
    let mut conn = scope.begin(&society.app).await.unwrap();
    for is_export in [false, true] {
        let (mut seen, mut after, mut pages) = (Vec::new(), None, 0);
        loop {
            let filter = EventFilter::default();
            let found = if is_export {
                events::export(&mut conn, scope.farm(), &filter, after).await.unwrap()
            } else {
                let page = events::page(&mut conn, scope.farm(), &filter, after).await.unwrap();
                assert_eq!(page.goes_on, pages < 24);
                page.traces
            };
            let Some(last) = found.last() else { break };
            after = Some(last.cursor());
            seen.extend(found.iter().map(|trace| (trace.event.at, trace.event.id)));
            pages += 1;
        }
        assert_eq!(pages, if is_export { 2 } else { 25 });
        assert_eq!(seen.len(), 1235);
        assert!(seen.is_sorted_by(|newer, older| newer > older));
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), seen.len());
    }
    let theirs =
        events::page(&mut conn, other.farm(), &EventFilter::default(), None).await.unwrap();
    assert_eq!(theirs, EventPage::default(), "another farm's");
}

#[tokio::test]
async fn the_way_back_leads_over_the_same_pages() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    fill(&society, &scope, 170, "60 days").await;
    let mut conn = scope.begin(&society.app).await.unwrap();
    let (farm, filter) = (scope.farm(), EventFilter::default());
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let page = events::page(&mut conn, farm, &filter, after).await.unwrap();
        after = page.traces.last().map(Trace::cursor);
        pages.push(page.traces);
        if !page.goes_on {
            break;
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [50, 50, 50, 21]);
    for (number, page) in pages.iter().enumerate().skip(1).rev() {
        let first = page[0].cursor();
        let before = events::page_before(&mut conn, farm, &filter, first).await.unwrap();
        assert_eq!(before.traces, pages[number - 1]);
        assert_eq!(before.goes_on, number > 1);
    }
}

#[tokio::test]
async fn a_page_of_many_events_is_read_by_an_index() {
    let society = Society::new().await;
    let scope = society.farm(society.person("sok").await).await;
    fill(&society, &scope, 100_000, "60 days").await;
    society.execute("ANALYZE event_logs").await;
    let owner = society.database.owner();
    let mut owner = owner.get().await.unwrap();
    let mut conn = scope.begin(&society.app).await.unwrap();
    for text in [None, Some("no such text anywhere".to_owned())] {
        let filter = EventFilter { text, ..EventFilter::default() };
        let (statements, found) = statements_of(&mut conn, async |conn| {
            events::page(conn, scope.farm(), &filter, None).await.unwrap()
        })
        .await;
        assert_eq!(found.traces.len(), if filter.text.is_none() { 50 } else { 0 });
        let plan = explain(&mut conn, &statements[0]).await;
        assert_uses_index(&mut owner, &plan).await;
    }
}

/// Adds events of a farm, ten at each instant, back from now.
async fn fill(society: &Society, scope: &FarmScope, count: u32, span: &str) {
    let farm = scope.farm();
    let insert = format!(
        "INSERT INTO event_logs (farm_id, event_type, event_category, severity, message, created_at)
        SELECT '{farm}', 'device_online', 'device', 'info', '',
            now() - interval '{span}' * ((n / 10)::float8 / {count})
        FROM generate_series(0, {count} - 1) n"
    );
    society.execute(&insert).await;
}
