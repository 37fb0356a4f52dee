//! Keeps sessions open through zookeeper-client, and prints what the client tells of them.
//!
//!     probe SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS
//!     probe                                           (prints the client's version)
//!
//! It ends, without closing the sessions, when its standard input does.

mod session;

use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{channel, Receiver};
use std::sync::Arc;
use std::time::Duration;
use std::{mem, process, thread};

use peers::{fail, number, print_version};
use session::Session;
use tokio::time::{sleep_until, Instant};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.len() == 1 {
        return print_version();
    }
    let [_, servers, timeout, base, sessions, spread] = arguments.as_slice() else {
        fail("probe SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS")
    };
    allow_files();
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    let (lines, to_write) = channel();
    thread::spawn(move || write(to_write));
    let timeout = Duration::from_millis(number(timeout) as u64);
    let (sessions, spread) = (
        number(sessions),
        Duration::from_millis(number(spread) as u64),
    );
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .unwrap_or_else(|error| fail(error));
    runtime.block_on(async {
        let began = Instant::now();
        for i in 0..sessions {
            sleep_until(began + spread * i as u32 / sessions as u32).await;
            let one = Session::new(i, servers, timeout, base, lines.clone());
            tokio::spawn(Arc::new(one).keep());
        }
        std::future::pending::<()>().await
    });
}

/// Writes what sessions say, and flushes as soon as no further line is there.
fn write(lines: Receiver<String>) {
    let mut out = BufWriter::new(io::stdout());
    while let Ok(line) = lines.recv() {
        let mut next = Some(line);
        while let Some(line) = next {
            let _ = out.write_all(line.as_bytes());
            next = lines.try_recv().ok();
        }
        let _ = out.flush();
    }
}

/// Raises the soft limit of open files to the hard one.
fn allow_files() {
    // SAFETY: all zeroes is an rlimit; the calls read and write nothing else.
    unsafe {
        let mut limit: libc::rlimit = mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) == 0 {
            limit.rlim_cur = limit.rlim_max;
            libc::setrlimit(libc::RLIMIT_NOFILE, &limit);
        }
    }
}
