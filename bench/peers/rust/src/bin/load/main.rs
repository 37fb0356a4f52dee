//! Does one operation many times through zookeeper-client, and says what it took.
//!
//!     load SERVERS OP PATH SIZE IN_FLIGHT WARM_UP COUNT
//!     load                                            (prints the client's version)

mod figures;
mod operations;
mod walk;
mod watches;

use std::time::Duration;

use peers::{fail, number, print_version};
use zookeeper_client::Client;

const SESSION_TIMEOUT: Duration = Duration::from_secs(10);
const WALK_SESSION_TIMEOUT: Duration = Duration::from_secs(30);

struct Job {
    client: Client,
    op: String,
    path: String,
    size: usize,
    in_flight: usize,
    warm_up: usize,
    count: usize,
}

impl Job {
    fn data(&self) -> Vec<u8> {
        vec![b'x'; self.size]
    }
}

async fn run(arguments: &[String]) {
    let [_, servers, op, path, size, in_flight, warm_up, count] = arguments else {
        fail("load SERVERS OP PATH SIZE IN_FLIGHT WARM_UP COUNT")
    };
    let timeout = if op == "walk" {
        WALK_SESSION_TIMEOUT
    } else {
        SESSION_TIMEOUT
    };
    let connecting = Client::connector()
        .with_session_timeout(timeout)
        .connect(servers);
    let job = Job {
        client: connecting
            .await
            .unwrap_or_else(|error| fail(format!("connect: {error}"))),
        op: op.clone(),
        path: path.clone(),
        size: number(size),
        in_flight: number(in_flight),
        warm_up: number(warm_up),
        count: number(count),
    };
    match op.as_str() {
        "one-shot" => watches::one_shot(&job).await,
        "persistent" => watches::persistent(&job).await,
        "walk" => walk::walk(&job).await,
        _ => operations::repeat(&job).await,
    }
    .print();
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() == 1 {
        return print_version();
    }
    // One thread for the session's task and for this program's.  On the multi-thread runtime one
    // get at a time took half as long again and nearly twice the CPU time, as the two tasks were on
    // different threads; with 256 in flight there was no difference beyond the noise.  Nor was a
    // runtime that has the client's I/O reactor on the same thread (smol's) any quicker.
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .unwrap_or_else(|error| fail(error))
        .block_on(run(&arguments));
}
