use super::*;

const ALL: [Need; 4] = [Need::AppDatabase, Need::WorkerDatabase, Need::OwnerDatabase, Need::Broker];

fn good() -> Options {
    let database =
        |role: &str| Some(format!("postgres://tokkatot_{role}:secret@127.0.0.1/tokkatot"));
    Options {
        database_url: database("app"),
        worker_database_url: database("worker"),
        owner_database_url: database("owner"),
        mqtt_url: Some("mqtt://tokkatot-server:secret@127.0.0.1:21883".to_owned()),
        ..Options::default()
    }
}

fn complaints(change: impl FnOnce(&mut Options)) -> String {
    let mut options = good();
    change(&mut options);
    Settings::read(&options, &ALL).unwrap_err().to_string()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_least_that_serves_is_three_roles_and_a_broker() {
    let settings = Settings::read(&good(), &ALL).unwrap();
    assert_eq!(settings.web.public_url.origin(), "http://127.0.0.1:3000");
    assert_eq!(settings.broker.unwrap().port, 21883);
    assert_eq!(settings.slow_query, Duration::from_millis(500));
}

#[test]
fn everything_missing_is_said_at_once() {
    insta::assert_snapshot!(Settings::read(&Options::default(), &ALL).unwrap_err());
}

#[test]
fn everything_wrong_is_said_at_once_and_no_password_is_repeated() {
    let said = complaints(|options| {
        options.http_addr = text("localhost");
        options.admin_addr = text("3001");
        options.public_url = text("farm.example.org");
        options.lan = text("perhaps");
        options.trusted_proxies = text("10.0.0.1, proxy.example.org");
        options.database_url = text("mysql://app:secret@127.0.0.1/tokkatot");
        options.worker_database_url = text("postgres://127.0.0.1/tokkatot");
        options.database_connections = text("many");
        options.slow_query = text("500");
        options.drain_delay = text("1h");
        options.redis_url = text("rediss://:secret@127.0.0.1");
        options.mqtt_url = text("mqtt://tokkatot-server@127.0.0.1");
        options.log = text("worker=loud");
    });
    assert!(!said.contains("secret"), "{said}");
    insta::assert_snapshot!(said);
}

#[test]
fn an_open_port_without_encryption_must_be_wanted() {
    insta::assert_snapshot!(complaints(|options| options.http_addr = text("0.0.0.0:3000")));
}

#[test]
fn a_network_that_cannot_reach_the_server_is_a_contradiction() {
    insta::assert_snapshot!(complaints(|options| options.lan = text("true")));
}

#[test]
fn plain_http_for_the_network_and_https_for_people_is_a_contradiction() {
    insta::assert_snapshot!(complaints(|options| {
        options.http_addr = text("0.0.0.0:3000");
        options.lan = text("true");
        options.public_url = text("https://farm.example.org");
    }));
}

#[test]
fn the_admin_address_is_open_to_the_network_only_where_that_is_wanted() {
    insta::assert_snapshot!(complaints(|options| options.admin_addr = text("0.0.0.0:3001")));
    insta::assert_snapshot!(complaints(|options| options.admin_open = text("true")));
    let mut options = good();
    (options.admin_addr, options.admin_open) = (text("10.0.0.1:3001"), text("true"));
    assert!(Settings::read(&options, &ALL).is_ok());
}

#[test]
fn the_database_of_redis_is_a_number() {
    insta::assert_snapshot!(complaints(|options| {
        options.redis_url = text("redis://:secret@127.0.0.1:26379/cache");
    }));
    for good_one in ["redis://127.0.0.1", "redis://127.0.0.1/", "redis://127.0.0.1:1/7"] {
        let options = Options { redis_url: text(good_one), ..good() };
        assert!(Settings::read(&options, &ALL).is_ok(), "{good_one}");
    }
}

#[test]
fn a_proxy_that_encrypts_may_stand_before_an_open_port() {
    let mut options = good();
    options.http_addr = text("0.0.0.0:3000");
    options.public_url = text("https://farm.example.org/");
    let settings = Settings::read(&options, &ALL).unwrap();
    assert!(settings.web.public_url.is_secure());
    assert_eq!(settings.web.public_url.origin(), "https://farm.example.org");
    assert!(settings.web.has_unknown_proxy());
    options.trusted_proxies = text("10.0.0.7");
    assert!(!Settings::read(&options, &ALL).unwrap().web.has_unknown_proxy());
}

#[test]
fn proxies_are_trusted_by_name_and_this_machine_where_people_use_https() {
    let trusted = |url: &str, proxies: &str| {
        let (public_url, trusted_proxies) = (text(url), text(proxies));
        let settings = Options { public_url, trusted_proxies, ..good() };
        let read = Settings::read(&settings, &ALL);
        read.map(|settings| settings.web.trusted_proxies.iter().map(ToString::to_string).collect())
    };
    let of = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    assert_eq!(trusted("http://127.0.0.1:3000", ""), of(&[]));
    assert_eq!(trusted("https://farm.example", ""), of(&["127.0.0.0/8", "::1/128"]));
    assert_eq!(trusted("https://farm.example", "none"), of(&[]));
    assert_eq!(
        trusted("https://farm.example", "10.0.0.7, fd00::/64"),
        of(&["10.0.0.7/32", "fd00::/64"])
    );
    for everybody in ["0.0.0.0/0", "::/0", "10.0.0.7,", "10.0.0.0/33"] {
        assert!(trusted("https://farm.example", everybody).is_err(), "{everybody}");
    }
}

#[test]
fn pages_and_metrics_do_not_share_a_port() {
    insta::assert_snapshot!(complaints(|options| options.admin_addr = text("127.0.0.1:3000")));
}

#[test]
fn the_web_does_not_sign_in_as_another_role() {
    insta::assert_snapshot!(complaints(|options| {
        options.database_url = options.owner_database_url.clone();
    }));
}

#[test]
fn all_pools_together_stay_within_one_hundred_connections() {
    insta::assert_snapshot!(complaints(|options| {
        options.database_connections = text("80");
        options.worker_database_connections = text("40");
    }));
}

#[test]
fn a_broker_on_this_host_has_three_files() {
    insta::assert_snapshot!(complaints(|options| options.mqtt_acl_file = text("/srv/acl")));
}

#[test]
fn the_files_know_the_server_by_one_name() {
    insta::assert_snapshot!(complaints(|options| {
        options.mqtt_url = text("mqtt://somebody:secret@127.0.0.1");
        options.mqtt_password_file = text("passwords");
        options.mqtt_acl_file = text("acl");
        options.mqtt_pid_file = text("pid");
    }));
}

#[test]
fn options_of_the_database_are_the_servers_own() {
    insta::assert_snapshot!(complaints(|options| {
        options.database_url = text("postgres://tokkatot_app@127.0.0.1/tokkatot?sslmode=require");
        options.worker_database_url =
            text("postgres://tokkatot_worker@127.0.0.1/tokkatot?options=-c%20x%3D1");
    }));
}

#[test]
fn an_empty_value_is_no_value() {
    let mut options = good();
    options.redis_url = text("");
    options.http_addr = text(" ");
    let settings = Settings::read(&options, &ALL).unwrap();
    assert_eq!(settings.redis_url, None);
    assert_eq!(settings.web.http_addr.to_string(), "127.0.0.1:3000");
}

#[test]
fn printed_settings_hold_no_password() {
    let mut options = good();
    options.redis_url = text("redis://:secret@127.0.0.1");
    let printed = format!("{:?}", Settings::read(&options, &ALL).unwrap());
    assert!(!printed.contains(":secret"), "{printed}");
}
