//! What both programs share: the clock, the CPU time, the version line.

use std::fmt::Display;
use std::mem::zeroed;

/// CLOCK_MONOTONIC in nanoseconds: the clock of every client's program.
pub fn now_ns() -> i64 {
    // SAFETY: all zeroes is a timespec, and the call fills it.
    let mut time: libc::timespec = unsafe { zeroed() };
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

/// The user and system seconds that this process has taken.
pub fn cpu() -> (f64, f64) {
    // SAFETY: all zeroes is a rusage, and the call fills it.
    let mut usage: libc::rusage = unsafe { zeroed() };
    unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut usage) };
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    (seconds(usage.ru_utime), seconds(usage.ru_stime))
}

/// Prints the client's name and version, and the compiler's where the build was told.
pub fn print_version() {
    let lock = include_str!("../Cargo.lock");
    let version = |name: &str| {
        let entry = format!("name = \"{name}\"\nversion = \"");
        let from = lock.find(&entry).expect("in the lock file") + entry.len();
        lock[from..].split('"').next().expect("a version")
    };
    let compiler = option_env!("PEERS_RUSTC").unwrap_or("rustc");
    println!(
        "zookeeper-client {} on tokio {}, {compiler}",
        version("zookeeper-client"),
        version("tokio")
    );
}

/// Ends the program.
pub fn fail(why: impl Display) -> ! {
    eprintln!("{why}");
    std::process::exit(1)
}

/// A number from the command line.
pub fn number(text: &str) -> usize {
    text.parse()
        .unwrap_or_else(|_| fail(format!("not a number: {text}")))
}
