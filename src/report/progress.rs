//! The progress bar on a terminal: how far the run is, and which examples have been running for long.

use crate::check::Step;
use crate::report::{Look, harmless};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// An example that runs for longer is named.
const SLOW: Duration = Duration::from_secs(2);

/// How names are written: without a character that a terminal might take for something else.
const ASCII: Look = Look { color: false, unicode: false, width: 80 };

/// The running examples by number, with their names and when they began.
type Running = Arc<Mutex<BTreeMap<usize, (String, Instant)>>>;

/// A bar that draws itself on standard error, or nothing.
#[derive(Debug)]
pub struct Progress {
    bar: Option<ProgressBar>,
    running: Running,
}

impl Progress {
    /// `shown`: whether there is a bar at all; `unicode`: whether it may be drawn with anything but ASCII.
    pub fn new(shown: bool, unicode: bool) -> Progress {
        let running = Running::default();
        let bar = shown.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style(Arc::clone(&running), unicode));
            bar
        });
        Progress { bar, running }
    }

    /// Follows the run.
    pub fn step(&self, step: &Step<'_>) {
        let Some(bar) = &self.bar else { return };
        match step {
            Step::Planned(total) => {
                bar.set_length(*total as u64);
                bar.enable_steady_tick(Duration::from_millis(200));
            }
            Step::Started(number, document, example) => {
                let file = document.path.file_name().unwrap_or(document.path.as_str());
                let name = format!("{file}:{}", example.id);
                self.lock().insert(*number, (harmless::line(&name, ASCII), Instant::now()));
            }
            Step::Finished(number) => {
                self.lock().remove(number);
                bar.inc(1);
            }
        }
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<usize, (String, Instant)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn style(running: Running, unicode: bool) -> ProgressStyle {
    let slow = move |_: &ProgressState, out: &mut dyn Write| {
        let running = running.lock().unwrap_or_else(PoisonError::into_inner);
        let mut slow: Vec<_> = running.values().filter(|(_, since)| since.elapsed() >= SLOW).collect();
        slow.sort_by_key(|(_, since)| *since);
        let Some((name, since)) = slow.first() else { return };
        let more = if slow.len() > 1 { format!(" and {} more", slow.len() - 1) } else { String::new() };
        let text = format!("{name} ({} s){more}", since.elapsed().as_secs());
        // A bar that cannot be drawn is no reason to stop.
        let _ = out.write_str(&text);
    };
    let style = ProgressStyle::with_template("{bar:24} {pos}/{len} {slow:44!}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).with_key("slow", slow);
    if unicode { style } else { style.progress_chars("=> ") }
}
