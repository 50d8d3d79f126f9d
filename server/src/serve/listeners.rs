//! The two ports.
use super::{Parts, Stop, connections::Connections};
use anyhow::{Context as _, Result};
use axum::Router;
use std::{net::SocketAddr, time::Duration};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Both ports, taken before anything else begins: a second server fails here.
pub(super) struct Listeners {
    public: TcpListener,
    admin: TcpListener,
}

/// Both ports being served.
pub(super) struct Serving {
    public: Connections,
    /// Held for as long as the process lives.
    _admin: Connections,
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
        Serving {
            public: Connections::serve(self.public, public, stop.begun()),
            _admin: Connections::serve(self.admin, admin, CancellationToken::new()),
        }
    }
}

impl Serving {
    /// Waits for the answers that are under way, `patience` at most. A phone that has gone out of reach
    /// is no reason for a stop to fail.
    pub(super) async fn end(self, patience: Duration) {
        let cut = self.public.end(patience).await;
        if cut > 0 {
            tracing::warn!(
                http.connections = cut,
                "Connections were cut: their peers took too long"
            );
        }
    }
}

async fn bind(address: SocketAddr, variable: &str) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on (fix: end the other program there, or change {variable})")
    })
}
