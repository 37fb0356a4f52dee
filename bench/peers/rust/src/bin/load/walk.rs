//! A walk over a whole tree.

use std::collections::VecDeque;

use peers::fail;

use crate::figures::{Figures, Instant};
use crate::operations::check;
use crate::Job;

/// Asks every node for its children: the client can count a tree's nodes at the server, but has
/// no walk of its own.
pub async fn walk(job: &Job) -> Figures {
    let began = Instant::now();
    let mut nodes = 1;
    let mut to_ask = vec![job.path.clone()];
    let mut window = VecDeque::with_capacity(job.in_flight);
    loop {
        while window.len() < job.in_flight {
            let Some(path) = to_ask.pop() else { break };
            let reply = Box::pin(job.client.list_children(&path));
            window.push_back((path, reply));
        }
        let Some((path, reply)) = window.pop_front() else {
            break;
        };
        let children = check("children", reply.await, |_| true);
        nodes += children.len();
        let parent = if path == "/" { "" } else { &path };
        to_ask.extend(children.iter().map(|child| format!("{parent}/{child}")));
    }
    let ended = Instant::now();
    if nodes != job.count {
        fail(format!("walk: {nodes} nodes"));
    }
    Figures::new(began, ended, Vec::new())
}
