//! The connections of one port. A peer that never ends its request, or never reads its answer, holds up
//! neither the others nor the server's end.
use axum::{Extension, Router, extract::ConnectInfo, serve::Listener};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use std::{net::SocketAddr, pin::pin, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Layer as _;

/// A request's head is here within this, and so is the next one on the same connection.
const HEAD_PATIENCE: Duration = Duration::from_secs(30);

/// A port that is served.
pub(super) struct Connections {
    accepting: JoinHandle<()>,
    held: Held,
}

/// What every connection knows.
#[derive(Clone)]
struct Held {
    tasks: TaskTracker,
    /// No new requests.
    stop: CancellationToken,
    /// No answers any more.
    cut: CancellationToken,
}

impl Connections {
    /// Serves `router` until `stop`.
    pub(super) fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> Self {
        let held = Held { tasks: TaskTracker::new(), stop, cut: CancellationToken::new() };
        let accepting = tokio::spawn(accept(listener, router, held.clone()));
        Self { accepting, held }
    }

    /// Waits for the answers that are under way once `stop` was cancelled. Those that take longer than
    /// `patience` are cut off: how many.
    pub(super) async fn end(self, patience: Duration) -> usize {
        drop(self.accepting.await);
        let Held { tasks, cut, .. } = self.held;
        tasks.close();
        if timeout(patience, tasks.wait()).await.is_ok() {
            return 0;
        }
        let left = tasks.len();
        cut.cancel();
        tasks.wait().await;
        left
    }
}

async fn accept(mut listener: TcpListener, router: Router, held: Held) {
    let stop = held.stop.clone();
    while let Some((stream, peer)) = stop.run_until_cancelled(Listener::accept(&mut listener)).await
    {
        // one small live event is sent when it is there, not when a packet is full
        drop(stream.set_nodelay(true));
        held.tasks.spawn(hold(stream, peer, router.clone(), held.clone()));
    }
}

async fn hold(stream: TcpStream, peer: SocketAddr, router: Router, held: Held) {
    let mut server = Builder::new(TokioExecutor::new()).http1_only();
    // without a timer hyper waits for a head for ever
    server.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_PATIENCE);
    let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(router));
    let mut connection = pin!(server.serve_connection(TokioIo::new(stream), service));
    let served = async {
        tokio::select! {
            served = connection.as_mut() => return served,
            () = held.stop.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    };
    if let Some(Err(error)) = held.cut.run_until_cancelled(served).await {
        tracing::trace!(error, "A connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, routing::get};
    use futures::stream;
    use std::{convert::Infallible, io};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpSocket,
        time::sleep,
    };

    const HEAD: &[u8] = b"GET /live HTTP/1.1\r\nHost: farm.example\r\n";

    struct Served {
        connections: Connections,
        address: SocketAddr,
        stop: CancellationToken,
    }

    /// A site with a stream that always has something to tell.
    async fn served() -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let news = || stream::repeat_with(|| Ok::<_, Infallible>(vec![b'.'; 16 * 1024]));
        let live = get(async move || Body::from_stream(news()));
        let router = Router::new().route("/live", live).route("/", get(async || "here"));
        let stop = CancellationToken::new();
        let connections = Connections::serve(listener, router, stop.clone());
        Served { connections, address, stop }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_does_not_end_is_not_waited_for() {
        let served = served().await;
        let mut peer = TcpStream::connect(served.address).await.unwrap();
        peer.write_all(HEAD).await.unwrap();
        let mut answer = Vec::new();
        let ended = timeout(HEAD_PATIENCE * 2, peer.read_to_end(&mut answer)).await;
        ended.expect("it is still held").unwrap();
    }

    #[tokio::test]
    async fn a_half_sent_head_does_not_hold_up_the_end() {
        let served = served().await;
        let mut peer = TcpStream::connect(served.address).await.unwrap();
        peer.write_all(HEAD).await.unwrap();
        sleep(Duration::from_millis(100)).await;
        served.stop.cancel();
        assert_eq!(served.connections.end(Duration::from_millis(100)).await, 1);
        assert_eq!(peer.read(&mut [0]).await.unwrap_or(0), 0, "it is cut off");
    }

    #[tokio::test]
    async fn a_peer_that_stops_reading_a_live_stream_does_not_hold_up_the_end() {
        let served = served().await;
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut peer = socket.connect(served.address).await.unwrap();
        peer.write_all(HEAD).await.unwrap();
        peer.write_all(b"\r\n").await.unwrap();
        peer.read_exact(&mut [0; 1024]).await.unwrap();
        sleep(Duration::from_millis(100)).await;
        served.stop.cancel();
        assert_eq!(served.connections.end(Duration::from_millis(100)).await, 1);
    }

    #[tokio::test]
    async fn connections_that_wait_for_nothing_end_at_once() {
        let served = served().await;
        let mut peer = TcpStream::connect(served.address).await.unwrap();
        peer.write_all(b"GET / HTTP/1.1\r\nHost: farm.example\r\n\r\n").await.unwrap();
        peer.read_exact(&mut [0; 15]).await.unwrap();
        served.stop.cancel();
        assert_eq!(served.connections.end(Duration::from_secs(60)).await, 0);
        let refused = TcpStream::connect(served.address).await.unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::ConnectionRefused);
    }
}
