//! Invitations: who may make, see and delete which.
use super::{
    Site,
    world::{FARM, HOUSEHOLD, INVITATION, NOW, OTHER_FARM},
};
use domain::codes::Code;
use http::StatusCode;
use std::time::Duration;

fn address(tail: &str) -> String {
    format!("/farms/{FARM}/invitations{tail}")
}

async fn site() -> Site {
    let site = Site::of_sok().await;
    site.sql(HOUSEHOLD).await;
    site
}

/// Dara is made into a manager.
async fn manager() -> Site {
    let mut site = site().await;
    let sql = "UPDATE farm_users SET role = 'manager'
        WHERE user_id = (SELECT id FROM users WHERE username = 'sophea')";
    site.sql(sql).await;
    site.sign_in("sophea").await;
    site
}

#[tokio::test]
async fn an_invitation_is_made_handed_over_and_deleted() {
    let site = site().await;
    let made = site.post(&address(""), "role=keeper").await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let ticket = site.get(made.header("location")).await;
    let code = site.text("SELECT code FROM invitations WHERE code <> 'K7RM4PXD'").await;
    let spaced = Code::parse(&code).unwrap().to_string();
    insta::assert_snapshot!(ticket.text().replace(&spaced, "CO DE").replace(&code, "CODE"));
    assert!(ticket.body.contains("role=\"img\" aria-label=\"Invitation QR code\""));
    let link = format!("http://127.0.0.1:3000/join/{code}");
    assert!(ticket.body.contains(&format!("<p class=\"address\">{link}</p>")));
    assert!(ticket.body.contains("href=\"sms:?body="));
    let until = format!("SELECT expires_at - created_at FROM invitations WHERE code = '{code}'");
    assert_eq!(site.text(&until).await, "3 days");
    let members = site.get(&format!("/farms/{FARM}/members")).await;
    assert!(members.body.contains(made.header("location")));

    let gone = site.post(&format!("{}/revoke", made.header("location")), "").await;
    assert_eq!(gone.header("location"), format!("/farms/{FARM}/members"));
    assert!(gone.header("set-cookie").starts_with("done=invitation-revoked"));
    assert_eq!(site.get(made.header("location")).await.status, StatusCode::NOT_FOUND);
    let again = site.post(&format!("{}/revoke", made.header("location")), "").await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_manager_invites_keepers_and_viewers_and_nobody_stronger() {
    let site = manager().await;
    for (role, status) in [
        ("viewer", StatusCode::SEE_OTHER),
        ("keeper", StatusCode::SEE_OTHER),
        ("manager", StatusCode::FORBIDDEN),
        ("admin", StatusCode::FORBIDDEN),
    ] {
        assert_eq!(site.post(&address(""), &format!("role={role}")).await.status, status, "{role}");
    }
    let form = site.get(&format!("/farms/{FARM}/members")).await.body;
    assert!(form.contains("value=\"keeper\"") && !form.contains("value=\"manager\""));
    assert_eq!(site.text("SELECT count(*) FROM invitations").await, "3");
}

#[tokio::test]
async fn a_manager_does_not_see_the_code_of_a_role_that_is_not_theirs_to_give() {
    let site = manager().await;
    site.sql(&format!("UPDATE invitations SET role = 'admin' WHERE id = '{INVITATION}'")).await;
    let answer = site.get(&address(&format!("/{INVITATION}"))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let members = site.get(&format!("/farms/{FARM}/members")).await;
    assert!(!members.body.contains(INVITATION));
    let answer = site.post(&address(&format!("/{INVITATION}/revoke")), "").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_keeper_sees_no_form_and_no_invitation_and_is_refused() {
    let mut site = site().await;
    site.sign_in("sophea").await;
    let members = site.get(&format!("/farms/{FARM}/members")).await;
    assert!(!members.body.contains(INVITATION) && !members.body.contains("invitations"));
    let ticket = address(&format!("/{INVITATION}"));
    assert_eq!(site.post(&address(""), "role=viewer").await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.get(&ticket).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post(&format!("{ticket}/revoke"), "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_invitation_of_another_farm_an_old_one_and_none_look_the_same() {
    let mut site = site().await;
    let nobodys = "6a5ba5ee-9999-4000-8000-000000000009";
    let mut texts = Vec::new();
    for (farm, invitation) in [(OTHER_FARM, INVITATION), (FARM, nobodys), (FARM, "x")] {
        site.sign_in("vanna").await;
        let ticket = format!("/farms/{farm}/invitations/{invitation}");
        let answer = site.get(&ticket).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        texts.push(answer.text());
        let answer = site.post(&format!("{ticket}/revoke"), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    site.sql("UPDATE invitations SET expires_at = created_at + interval '1 second'").await;
    let answer = site.get(&address(&format!("/{INVITATION}"))).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "it has ended");
    texts.push(answer.text());
    assert!(texts.iter().all(|text| *text == texts[0]));
}

#[tokio::test]
async fn who_chooses_no_role_is_asked_to() {
    let site = site().await;
    let answer = site.post(&address(""), "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Please choose what the person may do."));
    // it is seen and heard: the group is marked, and its first button has the focus
    let group = answer.main();
    let group = group.split_once("<fieldset").unwrap().1.split_once("</fieldset>").unwrap().0;
    let head = group.split('>').next().unwrap();
    for part in ["role=\"radiogroup\"", "aria-invalid=\"true\"", "aria-describedby=\"role-error\""]
    {
        assert!(head.contains(part), "{head}");
    }
    let first = group.split("<input").nth(1).unwrap().split('>').next().unwrap();
    assert!(first.contains("autofocus") && group.matches("autofocus").count() == 1, "{group}");
    // the language can be changed there
    let back = format!("name=\"back\" value=\"/farms/{FARM}/members\"");
    assert!(answer.body.contains(&back), "{}", answer.body);
    for body in ["role=king", "role=keeper&code=AAAAAAAA"] {
        assert!(site.post(&address(""), body).await.status.is_client_error(), "{body}");
    }
}

#[tokio::test]
async fn a_forged_host_does_not_get_into_the_link() {
    let site = site().await;
    let request = http::Request::get(address(&format!("/{INVITATION}")))
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example");
    let ticket = site.send(request, "").await;
    assert!(ticket.body.contains("http://127.0.0.1:3000/join/K7RM4PXD"));
    assert!(!ticket.body.contains("evil"));
}

#[tokio::test]
async fn two_taps_make_one_invitation_and_a_later_one_another() {
    let site = site().await;
    let id = site.get(&format!("/farms/{FARM}/members")).await.field("id");
    let body = format!("role=keeper&id={id}");
    let here = address("");
    let (one, other) = tokio::join!(site.post(&here, &body), site.post(&here, &body));
    assert_eq!(one.header("location"), address(&format!("/{id}")), "{}", one.text());
    assert_eq!(one.header("location"), other.header("location"));
    assert_eq!(site.text("SELECT count(*) FROM invitations").await, "2");
    // who comes back to the page means another one
    let another = site.post(&here, &format!("role=viewer&id={id}")).await;
    assert_ne!(another.header("location"), one.header("location"));
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(11)));
    let another = site.post(&here, &body).await;
    assert_ne!(another.header("location"), one.header("location"));
    assert_eq!(site.text("SELECT count(*) FROM invitations").await, "4");
    // another farm's is nobody's here
    site.sql(&format!("UPDATE invitations SET farm_id = '{OTHER_FARM}' WHERE id = '{id}'")).await;
    let another = site.post(&here, &body).await;
    assert_ne!(another.header("location"), one.header("location"));
}
