//! The installation's settings as they are written down: one option and one `TOKKATOT_` variable
//! each, still text. `config` makes sense of them, so that all that is wrong is said at once.
use clap::Args;
use std::path::PathBuf;

/// Every setting of an installation. On the command line, in the environment or in the file of
/// `--env-file`, in this order; an empty value counts as not set.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Settings")]
pub struct Options {
    /// A file of KEY=value lines, read before anything else; the environment wins over it
    #[arg(long, global = true, env = "TOKKATOT_ENV_FILE", value_name = "FILE")]
    pub env_file: Option<PathBuf>,

    /// Where pages are served [default: 127.0.0.1:3000]
    #[arg(long, global = true, env = "TOKKATOT_HTTP_ADDR", value_name = "ADDRESS:PORT")]
    pub http_addr: Option<String>,

    /// Where /metrics, /healthz and /readyz are served; keep it private [default: 127.0.0.1:3001]
    #[arg(long, global = true, env = "TOKKATOT_ADMIN_ADDR", value_name = "ADDRESS:PORT")]
    pub admin_addr: Option<String>,

    /// Let the network read the admin address, which has no sign-in [default: false]
    #[arg(
        long,
        global = true,
        env = "TOKKATOT_ADMIN_OPEN",
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub admin_open: Option<String>,

    /// The address that people type; https:// when a proxy encrypts [default: http:// and the HTTP address]
    #[arg(long, global = true, env = "TOKKATOT_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,

    /// Proxies whose X-Forwarded-For is believed: 10.0.0.0/8,192.0.2.7 or none [default: this machine if the public URL is https://, else none]
    #[arg(long, global = true, env = "TOKKATOT_TRUSTED_PROXIES", value_name = "NETWORK,…")]
    pub trusted_proxies: Option<String>,

    /// Serve plain HTTP to the local network; nothing is encrypted then [default: false]
    #[arg(
        long,
        global = true,
        env = "TOKKATOT_LAN",
        value_name = "true|false",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub lan: Option<String>,

    /// How often one person may ask for one page in a minute [default: 120]
    #[arg(long, global = true, env = "TOKKATOT_READS_A_MINUTE", value_name = "NUMBER")]
    pub reads_a_minute: Option<String>,

    /// The folder with the built web files [default: target/site]
    #[arg(long, global = true, env = "TOKKATOT_SITE_DIR", value_name = "FOLDER")]
    pub site_dir: Option<String>,

    /// PostgreSQL as the web's role: postgres://tokkatot_app:PASSWORD@HOST:PORT/NAME
    #[arg(long, global = true, env = "TOKKATOT_DATABASE_URL", value_name = "URL")]
    pub database_url: Option<String>,

    /// PostgreSQL as the role that ingests and acts: postgres://tokkatot_worker:…
    #[arg(long, global = true, env = "TOKKATOT_WORKER_DATABASE_URL", value_name = "URL")]
    pub worker_database_url: Option<String>,

    /// PostgreSQL as the schema's owner, for migrate and node: postgres://tokkatot_owner:…
    #[arg(long, global = true, env = "TOKKATOT_OWNER_DATABASE_URL", value_name = "URL")]
    pub owner_database_url: Option<String>,

    /// Most connections of the web's pool [default: 60]
    #[arg(long, global = true, env = "TOKKATOT_DATABASE_CONNECTIONS", value_name = "NUMBER")]
    pub database_connections: Option<String>,

    /// Most connections of the worker's pool; both pools together at most 90 [default: 20]
    #[arg(
        long,
        global = true,
        env = "TOKKATOT_WORKER_DATABASE_CONNECTIONS",
        value_name = "NUMBER"
    )]
    pub worker_database_connections: Option<String>,

    /// Queries slower than this are logged [default: 500ms]
    #[arg(long, global = true, env = "TOKKATOT_SLOW_QUERY", value_name = "DURATION")]
    pub slow_query: Option<String>,

    /// Redis, if there is one: redis://HOST:PORT; without it the server runs on PostgreSQL alone
    #[arg(long, global = true, env = "TOKKATOT_REDIS_URL", value_name = "URL")]
    pub redis_url: Option<String>,

    /// The MQTT broker: mqtt://tokkatot-server:PASSWORD@HOST:PORT
    #[arg(long, global = true, env = "TOKKATOT_MQTT_URL", value_name = "URL")]
    pub mqtt_url: Option<String>,

    /// Mosquitto's password file, written by the server; leave out for a broker on another host
    #[arg(long, global = true, env = "TOKKATOT_MQTT_PASSWORD_FILE", value_name = "FILE")]
    pub mqtt_password_file: Option<String>,

    /// Mosquitto's access-control file, written by the server
    #[arg(long, global = true, env = "TOKKATOT_MQTT_ACL_FILE", value_name = "FILE")]
    pub mqtt_acl_file: Option<String>,

    /// Mosquitto's pid file, by which it is told to read the other two again
    #[arg(long, global = true, env = "TOKKATOT_MQTT_PID_FILE", value_name = "FILE")]
    pub mqtt_pid_file: Option<String>,

    /// How long /readyz says 503 before the server stops listening, at most 5s [default: 200ms]
    #[arg(long, global = true, env = "TOKKATOT_DRAIN_DELAY", value_name = "DURATION")]
    pub drain_delay: Option<String>,

    /// What is logged: error, warn, info, debug, trace, or per module as worker=debug,info [default: info]
    #[arg(long, global = true, env = "TOKKATOT_LOG", value_name = "FILTER")]
    pub log: Option<String>,
}
