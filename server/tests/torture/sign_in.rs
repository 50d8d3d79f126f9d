//! Whether the door gives away by its timing whom it knows.
use super::trial;
use std::{
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpSocket,
};

/// Wrong passwords for known accounts, and as many for unknown ones.
const TRIES: u32 = 1000;
/// The medians may be apart by this share.
const TOLERATED: f64 = 0.02;
/// Before anything counts: connections, statements and memory are warm then.
const WARM_UP: u32 = 20;

#[tokio::test]
async fn a_known_account_is_not_told_from_an_unknown_one_by_the_time_of_the_answer() {
    let trial = trial();
    let hash = app::passwords::hash("the right password").unwrap();
    let accounts = format!(
        "INSERT INTO users (email, password_hash, name)
         SELECT 'aaaa-' || number || '@example.org', '{hash}', 'Somebody'
         FROM generate_series(0, {}) AS number",
        TRIES + WARM_UP
    );
    trial.query(&accounts).unwrap();
    let server = trial.ports().http;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    // in turns, so that whatever else the machine does is in both; each from an address of its own and for
    // a name of its own, so that none has to wait
    for number in 0..TRIES + WARM_UP {
        let first = known_or_not(number, number % 2 == 0);
        let second = known_or_not(number, number % 2 == 1);
        for (is_known, login) in [first, second] {
            let took = try_to_sign_in(server, number * 2 + u32::from(is_known), &login).await;
            if number >= WARM_UP {
                if is_known { &mut known } else { &mut unknown }.push(took);
            }
        }
    }
    let (known, unknown) = (median(known), median(unknown));
    let apart = (known.as_secs_f64() / unknown.as_secs_f64() - 1.0).abs();
    println!(
        "{TRIES} wrong passwords each: median {known:.2?} for known accounts, {unknown:.2?} for unknown ones, \
         {:.2} % apart",
        apart * 100.0
    );
    assert!(apart <= TOLERATED, "the door gives away whom it knows");
}

fn known_or_not(number: u32, is_known: bool) -> (bool, String) {
    let name = if is_known { "aaaa" } else { "bbbb" };
    (is_known, format!("{name}-{number}%40example.org"))
}

/// How long the answer takes, from the last byte of the question to the last one of the answer.
async fn try_to_sign_in(server: SocketAddr, number: u32, login: &str) -> Duration {
    let form = format!("login={login}&password=a+wrong+password");
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {server}\r\nOrigin: http://{server}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    let socket = TcpSocket::new_v4().unwrap();
    // every address of 127.0.0.0/8 is this machine
    let [_, high, middle, low] = number.to_be_bytes();
    socket.bind((Ipv4Addr::new(127, 1 + high, middle, low), 0).into()).unwrap();
    let mut stream = socket.connect(server).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let began = Instant::now();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let took = began.elapsed();
    assert!(answer.starts_with("HTTP/1.1 422"), "{}", answer.lines().next().unwrap_or(""));
    took
}

fn median(mut spans: Vec<Duration>) -> Duration {
    spans.sort();
    spans[spans.len() / 2]
}
