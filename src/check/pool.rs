//! The worker processes as the pipeline's runner.

use super::{Event, Runner};
use crate::plan::Job;
use crate::report::{Isolation, Python};
use crate::run::{self, Pool};
use std::sync::atomic::AtomicBool;

impl Runner for Pool {
    fn python(&self) -> Python {
        let python = Pool::python(self);
        Python {
            version: python.version.clone(),
            implementation: python.implementation.clone(),
            executable: python.executable.to_string(),
        }
    }

    fn isolation(&self) -> Isolation {
        let sandbox = self.sandbox();
        Isolation { kind: sandbox.kind(), missing: sandbox.missing(), note: sandbox.note() }
    }

    fn run(&self, jobs: &[Job], events: &(dyn Fn(Event) + Sync), cancel: &AtomicBool) {
        let translated = |event: run::Event| {
            events(match event {
                run::Event::Started(at) => Event::Started(at),
                run::Event::Note(at, text) => Event::Note(at, text),
                run::Event::Done(at, observation) => Event::Done(at, Box::new(observation)),
            })
        };
        Pool::run(self, jobs, &translated, cancel);
    }
}
