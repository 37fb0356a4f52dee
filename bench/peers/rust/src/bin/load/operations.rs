//! Operations that are done again and again.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use peers::{fail, now_ns};
use zookeeper_client::{Acls, CreateMode, Error, MultiWriteResult};

use crate::figures::{Figures, Instant};
use crate::Job;

/// Up to so many requests under way, each one's latency is a figure of its own.
const MOST_TIMED: usize = 16;
const SETS_IN_TRANSACTION: usize = 10;

/// Ends the program on an error, or where a reply is not what it should be.
pub fn check<T>(what: &str, reply: Result<T, Error>, is_good: impl FnOnce(&T) -> bool) -> T {
    match reply {
        Ok(reply) if is_good(&reply) => reply,
        Ok(_) => fail(format!("{what}: not what was asked for")),
        Err(error) => fail(format!("{what}: {error}")),
    }
}

fn are_sets(results: &[MultiWriteResult], size: usize) -> bool {
    results.len() == SETS_IN_TRANSACTION
        && results.iter().all(|result| match result {
            MultiWriteResult::SetData { stat } => stat.data_length as usize == size,
            _ => false,
        })
}

pub async fn repeat(job: &Job) -> Figures {
    let (client, path, size, data) = (&job.client, job.path.as_str(), job.size, job.data());
    match job.op.as_str() {
        "get" => {
            spread(job, |_| {
                let reply = client.get_data(path);
                async move {
                    check("get", reply.await, |(data, stat)| {
                        data.len() == size && stat.data_length as usize == size
                    });
                }
            })
            .await
        }
        "set" => {
            spread(job, |_| {
                let reply = client.set_data(path, &data, None);
                async move {
                    check("set", reply.await, |stat| stat.data_length as usize == size);
                }
            })
            .await
        }
        "create" => {
            let options = CreateMode::Persistent.with_acls(Acls::anyone_all());
            // A create borrows its name, and is sent when it is called, before it is awaited.
            let names: Vec<String> = (0..job.warm_up + job.count)
                .map(|i| format!("{path}/n{i:08}"))
                .collect();
            spread(job, |i| {
                let reply = client.create(&names[i], &data, &options);
                async move {
                    check("create", reply.await, |(stat, _)| {
                        stat.data_length as usize == size
                    });
                }
            })
            .await
        }
        "delete" => {
            spread(job, |i| {
                let reply = client.delete(&format!("{path}/n{i:08}"), None);
                async move { check("delete", reply.await, |_| true) }
            })
            .await
        }
        "children" => {
            spread(job, |_| {
                let reply = client.list_children(path);
                async move {
                    check("children", reply.await, |children| children.len() == size);
                }
            })
            .await
        }
        "multi" => {
            spread(job, |_| {
                let mut writer = client.new_multi_writer();
                for _ in 0..SETS_IN_TRANSACTION {
                    check("multi", writer.add_set_data(path, &data, None), |_| true);
                }
                let reply = writer.commit();
                async move {
                    match reply.await {
                        Ok(results) if are_sets(&results, size) => (),
                        Ok(_) => fail("multi: not what was asked for"),
                        Err(error) => fail(format!("multi: {error}")),
                    }
                }
            })
            .await
        }
        other => fail(format!("no such operation: {other}")),
    }
}

async fn spread<F: Future<Output = ()>>(job: &Job, ask: impl Fn(usize) -> F) -> Figures {
    keep_asking(job.in_flight, 0, job.warm_up, false, &ask).await;
    let began = Instant::now();
    let took = keep_asking(
        job.in_flight,
        job.warm_up,
        job.count,
        job.in_flight <= MOST_TIMED,
        &ask,
    )
    .await;
    Figures::new(began, Instant::now(), took)
}

/// Keeps so many requests under way.  Replies come in the order of the requests, so the oldest
/// is awaited first: that took less CPU time than `FuturesUnordered`.
///
/// The client sends a request when it is called, and not when it is awaited: `ask` calls it.
async fn keep_asking<F: Future<Output = ()>>(
    in_flight: usize,
    first: usize,
    count: usize,
    is_timed: bool,
    ask: &impl Fn(usize) -> F,
) -> Vec<i64> {
    let mut took = Vec::with_capacity(if is_timed { count } else { 0 });
    if in_flight == 1 {
        for i in first..first + count {
            let asked = now_ns();
            ask(i).await;
            if is_timed {
                took.push(now_ns() - asked);
            }
        }
        return took;
    }
    let mut window: VecDeque<(i64, Pin<Box<F>>)> = VecDeque::with_capacity(in_flight);
    for i in first..first + count {
        if window.len() == in_flight {
            let (asked, reply) = window.pop_front().expect("full");
            reply.await;
            if is_timed {
                took.push(now_ns() - asked);
            }
        }
        let asked = if is_timed { now_ns() } else { 0 };
        window.push_back((asked, Box::pin(ask(i))));
    }
    for (asked, reply) in window {
        reply.await;
        if is_timed {
            took.push(now_ns() - asked);
        }
    }
    took
}
