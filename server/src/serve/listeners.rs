//! The two ports.
use super::{Parts, Stop};
use anyhow::{Context as _, Result};
use axum::{Router, serve::ListenerExt as _};
use std::net::SocketAddr;
use tokio::{net::TcpListener, task::JoinHandle};

/// Both ports, taken before anything else begins: a second server fails here.
pub(super) struct Listeners {
    public: TcpListener,
    admin: TcpListener,
}

/// Both ports being served.
pub(super) struct Serving {
    public: JoinHandle<()>,
    admin: JoinHandle<()>,
}

impl Listeners {
    pub(super) async fn bind(parts: &Parts) -> Result<Self> {
        let web = &parts.settings.web;
        Ok(Self {
            public: bind(web.http_addr, "TOKKATOT_HTTP_ADDR").await?,
            admin: bind(web.admin_addr, "TOKKATOT_ADMIN_ADDR").await?,
        })
    }

    /// The public port stops with the rest; the admin port tells how it goes until the very end.
    pub(super) fn serve(self, public: Router, admin: Router, stop: &Stop) -> Serving {
        let begun = stop.begun();
        let with_addresses = public.into_make_service_with_connect_info::<SocketAddr>();
        // one small live event is sent when it is there, not when a packet is full
        let listener = self.public.tap_io(|connection| drop(connection.set_nodelay(true)));
        let public = axum::serve(listener, with_addresses)
            .with_graceful_shutdown(async move { begun.cancelled().await });
        let admin = axum::serve(self.admin, admin);
        Serving {
            public: tokio::spawn(async move { drop(public.await) }),
            admin: tokio::spawn(async move { drop(admin.await) }),
        }
    }
}

impl Serving {
    /// Waits for the answers that are under way.
    pub(super) async fn end(self) {
        drop(self.public.await);
        self.admin.abort();
    }
}

async fn bind(address: SocketAddr, variable: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on (fix: end the other program there, or change {variable})")
    })
}
