//! One session, and the one that a user would want after it.

use std::sync::mpsc::Sender;
use std::sync::Arc;
use std::time::Duration;

use peers::{fail, now_ns};
use tokio::time::sleep;
use zookeeper_client::{Acls, Client, CreateMode, Error, SessionState};

pub struct Session {
    i: usize,
    servers: String,
    timeout: Duration,
    base: String,
    path: String,
    lines: Sender<String>,
}

impl Session {
    pub fn new(
        i: usize,
        servers: &str,
        timeout: Duration,
        base: &str,
        lines: Sender<String>,
    ) -> Session {
        let path = format!("{base}/e{i:05}");
        Session {
            i,
            servers: servers.to_owned(),
            timeout,
            base: base.to_owned(),
            path,
            lines,
        }
    }

    fn say(&self, at: i64, event: &str, more: &str) {
        let line = format!(
            "{{\"t\": {at}, \"i\": {}, \"e\": \"{event}\"{more}}}\n",
            self.i
        );
        let _ = self.lines.send(line);
    }

    /// A client is finished with its session, so there is a new one for each.
    ///
    /// The client ends a session by its own clock too, once 7/5 of the timeout have passed since
    /// it last heard of a server; its state says `Expired` for both, and not which it was.
    pub async fn keep(self: Arc<Self>) {
        loop {
            let client = self.connect().await;
            self.clone().follow(client).await;
        }
    }

    async fn connect(&self) -> Client {
        loop {
            let connector = Client::connector().with_session_timeout(self.timeout);
            match connector.connect(&self.servers).await {
                Ok(client) => return client,
                // It has tried for as long as a session timeout, with pauses that grow.
                Err(Error::Timeout) => (),
                Err(error @ (Error::BadArguments(_) | Error::AuthFailed)) => {
                    fail(format!("connect: {error}"))
                }
                Err(_) => sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Says what becomes of a client, until it is finished.
    async fn follow(self: Arc<Self>, client: Client) {
        let id = format!("{:#x}", client.session_id().0 as u64);
        let mut watcher = client.state_watcher();
        // Connecting ends with a connection; the watcher tells of the changes after it.
        let mut state = SessionState::SyncConnected;
        let mut is_new = true;
        loop {
            let at = now_ns();
            let raw = format!(", \"raw\": \"{state}\"");
            match state {
                SessionState::SyncConnected | SessionState::ConnectedReadOnly => {
                    // The client does not say to which server.
                    self.say(
                        at,
                        "connected",
                        &format!(", \"id\": \"{id}\", \"to\": \"\""),
                    );
                    tokio::spawn(self.clone().ask(client.clone()));
                    if is_new {
                        tokio::spawn(self.clone().create_ephemeral(client.clone()));
                    }
                    is_new = false;
                }
                SessionState::Disconnected => self.say(at, "suspended", &raw),
                _ => return self.say(at, "expired", &raw),
            }
            // What came between connecting and the watcher counts as seen by the watcher.
            state = if watcher.peek_state() == state {
                watcher.changed().await
            } else {
                watcher.state()
            };
        }
    }

    async fn ask(self: Arc<Self>, client: Client) {
        if client.check_stat(&self.base).await.is_ok() {
            self.say(now_ns(), "answered", "");
        }
    }

    /// Tries until the node is there and this session's, or the session is over.
    async fn create_ephemeral(self: Arc<Self>, client: Client) {
        let options = CreateMode::Ephemeral.with_acls(Acls::anyone_all());
        loop {
            let is_made = match client.create(&self.path, b"", &options).await {
                Ok(_) => Ok(true),
                Err(Error::NodeExists) => self.is_mine(&client).await,
                Err(error) => Err(error),
            };
            match is_made {
                Ok(true) => return self.say(now_ns(), "ephemeral", ""),
                Ok(false) => (),
                Err(_) if client.state() == SessionState::SyncConnected => {
                    sleep(Duration::from_millis(100)).await
                }
                Err(Error::ConnectionLoss) => (), // the next request waits for a connection
                Err(_) => return,
            }
        }
    }

    /// Says whether a reply that was lost had created the node.  The node of a session before,
    /// which the server has not ended yet, is waited for.
    async fn is_mine(&self, client: &Client) -> Result<bool, Error> {
        let (stat, watcher) = client.check_and_watch_stat(&self.path).await?;
        match stat {
            Some(stat) if stat.ephemeral_owner == client.session_id().0 => return Ok(true),
            Some(_) => drop(watcher.changed().await),
            None => (),
        }
        Ok(false)
    }
}
