//! What is printed.

use peers::{cpu, now_ns};

/// A moment, and the CPU time that the process has taken by then.
pub struct Instant {
    at: i64,
    cpu: (f64, f64),
}

impl Instant {
    pub fn now() -> Instant {
        Instant {
            cpu: cpu(),
            at: now_ns(),
        }
    }
}

pub struct Figures {
    pub began: Instant,
    pub ended: Instant,
    pub events: Option<usize>,
    pub took: Vec<i64>,
}

impl Figures {
    pub fn new(began: Instant, ended: Instant, took: Vec<i64>) -> Figures {
        Figures {
            began,
            ended,
            events: None,
            took,
        }
    }

    pub fn print(&self) {
        let (began, ended) = (&self.began, &self.ended);
        let events = self
            .events
            .map_or(String::new(), |events| format!("\"events\": {events}, "));
        println!(
            "{{\"seconds\": {:.9}, \"user\": {:.6}, \"system\": {:.6}, {events}\"took\": {:?}}}",
            (ended.at - began.at) as f64 / 1e9,
            ended.cpu.0 - began.cpu.0,
            ended.cpu.1 - began.cpu.1,
            self.took,
        );
    }
}
