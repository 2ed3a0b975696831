//! Which example runs when, and in which slot.
//!
//! Many examples sleep. What is limited is how many *work* at once: while a slot says that its example sleeps,
//! another one may start, up to a few times as many as there are processors.

use super::protocol::{self, FromSlot};
use super::{Event, zygote};
use crate::observation::{Ending, Observation};
use crate::plan::Job;
use std::io;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::Scope;
use std::time::Duration;

/// Slots that wait for the next run.
pub(super) type Idle = Mutex<Vec<UnixStream>>;

/// How long a waiting thread sleeps before it looks whether the run was cancelled.
const GLANCE: Duration = Duration::from_millis(50);

/// Everything the threads of a run share.
struct Shared<'a> {
    zygote: &'a zygote::Handle,
    idle: &'a Idle,
    jobs: &'a [Job],
    events: &'a (dyn Fn(Event) + Sync),
    cancel: &'a AtomicBool,
    /// How many examples may work at once, and how many there may be, sleeping ones included.
    may_work: usize,
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    next: usize,
    working: usize,
    threads: usize,
    /// Threads that wait until they may start an example.
    waiting: usize,
}

/// Runs all jobs. See [`super::Pool::run`].
pub(super) fn run(
    zygote: &zygote::Handle,
    idle: &Idle,
    may_work: usize,
    jobs: &[Job],
    events: &(dyn Fn(Event) + Sync),
    cancel: &AtomicBool,
) {
    let shared = Shared {
        zygote,
        idle,
        jobs,
        events,
        cancel,
        may_work,
        most: 4 * may_work + 4,
        state: Mutex::default(),
        changed: Condvar::new(),
    };
    std::thread::scope(|scope| {
        let first = may_work.min(jobs.len());
        shared.lock().threads = first;
        for _ in 0..first {
            scope.spawn(|| shared.serve(scope));
        }
    });
}

impl Shared<'_> {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A thread's work: takes jobs until there are none left.
    fn serve<'scope>(&'scope self, scope: &'scope Scope<'scope, '_>) {
        while let Some(index) = self.take() {
            (self.events)(Event::Started(index));
            let mut asleep = false;
            let observation = self.run_one(index, &mut |now_asleep| {
                asleep = now_asleep;
                self.set_asleep(now_asleep, scope);
            });
            let mut state = self.lock();
            if !asleep {
                state.working -= 1;
            }
            drop(state);
            self.changed.notify_one();
            if let Some(observation) = observation {
                (self.events)(Event::Done(index, observation));
            }
        }
        self.changed.notify_all();
    }

    /// Waits until another example may work; None when there are no more.
    fn take(&self) -> Option<usize> {
        let mut state = self.lock();
        loop {
            if state.next >= self.jobs.len() || self.cancel.load(Ordering::Relaxed) {
                return None;
            }
            if state.working < self.may_work {
                state.working += 1;
                state.next += 1;
                return Some(state.next - 1);
            }
            state.waiting += 1;
            state = self.changed.wait_timeout(state, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
            state.waiting -= 1;
        }
    }

    fn set_asleep<'scope>(&'scope self, asleep: bool, scope: &'scope Scope<'scope, '_>) {
        let mut state = self.lock();
        if !asleep {
            state.working += 1;
            return;
        }
        state.working -= 1;
        if state.waiting > 0 {
            self.changed.notify_one();
        } else if state.next < self.jobs.len() && state.threads < self.most {
            state.threads += 1;
            drop(state);
            scope.spawn(move || self.serve(scope));
        }
    }

    /// Runs a job in a slot. None: the run was cancelled.
    fn run_one(&self, index: usize, asleep: &mut dyn FnMut(bool)) -> Option<Observation> {
        let job = &self.jobs[index];
        let lost = |error: io::Error| {
            let message = format!("the process that ran it ended unexpectedly: {error}");
            Some(Observation::empty(Ending::Worker { message }, job.anchors.len()))
        };
        let kept = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // A slot that was idle may have died since; then a new one is tried.
        let slot = kept.filter(|slot| protocol::send(slot, job).is_ok());
        let slot = match slot {
            Some(slot) => slot,
            None => match self.zygote.new_slot().and_then(|slot| protocol::send(&slot, job).map(|()| slot)) {
                Ok(slot) => slot,
                Err(error) => return lost(error),
            },
        };
        loop {
            while !zygote::wait_readable(&slot, GLANCE.as_millis() as i32) {
                if self.cancel.load(Ordering::Relaxed) {
                    return None;
                }
            }
            match protocol::receive(&slot) {
                Ok(FromSlot::Asleep(now)) => asleep(now),
                Ok(FromSlot::Note(text)) => (self.events)(Event::Note(index, text)),
                Ok(FromSlot::Done(observation)) => {
                    self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(slot);
                    return Some(observation);
                }
                Err(error) => return lost(error),
            }
        }
    }
}
