//! The delivery of events.

use futures_util::stream::{FuturesUnordered, StreamExt};
use peers::fail;
use zookeeper_client::{AddWatchMode, EventType};

use crate::figures::{Figures, Instant};
use crate::operations::check;
use crate::Job;

/// Watches may be set as quickly as the client can: only their delivery is measured.
const AT_ONCE: usize = 256;

/// Sets a data watch on each node, and waits until each has fired.
pub async fn one_shot(job: &Job) -> Figures {
    let mut asked = FuturesUnordered::new();
    let mut watches = FuturesUnordered::new();
    for i in 0..job.count {
        if asked.len() == AT_ONCE {
            watches.extend(asked.next().await);
        }
        let reply = job
            .client
            .get_and_watch_data(&format!("{}/w{i:08}", job.path));
        asked.push(async move { check("watch", reply.await, |_| true).2.changed() });
    }
    while let Some(watch) = asked.next().await {
        watches.push(watch);
    }
    println!("ready");
    let mut began = None;
    while let Some(event) = watches.next().await {
        began.get_or_insert_with(Instant::now);
        if event.event_type != EventType::NodeDataChanged {
            fail(format!("one-shot: {event:?}"));
        }
    }
    finish(job, began)
}

/// Sets one watch on the whole tree, and waits for so many events.
pub async fn persistent(job: &Job) -> Figures {
    let asked = job
        .client
        .watch(&job.path, AddWatchMode::PersistentRecursive);
    let mut watch = check("watch", asked.await, |_| true);
    println!("ready");
    let mut began = None;
    for _ in 0..job.count {
        let event = watch.changed().await;
        began.get_or_insert_with(Instant::now);
        if event.event_type == EventType::Session {
            fail(format!("persistent: {event:?}"));
        }
    }
    finish(job, began)
}

fn finish(job: &Job, began: Option<Instant>) -> Figures {
    let ended = Instant::now();
    let began = began.unwrap_or_else(|| fail("no events"));
    Figures {
        events: Some(job.count),
        ..Figures::new(began, ended, Vec::new())
    }
}
