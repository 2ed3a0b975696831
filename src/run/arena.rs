//! The memory that an example shares with its slot, in which it leaves what was observed.
//!
//! A shared anonymous mapping: writing to it costs no system call, what was written survives a crash, it has no
//! name and no descriptor that an example could stumble over, and the processes that an example forks write to it
//! too. A record is reserved by one `fetch_add`, filled, and committed by a flag written last, so that a process
//! killed half-way leaves a record that is skipped, never one that is half read.

use crate::observation::{Ending, Probe, Rendered, Replay, Run};
use serde::{Deserialize, Serialize};
use std::io;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Address space for records; only what is written takes memory.
const SIZE: usize = 256 << 20;

/// Up to this much is cleared by writing zeroes, more is given back to the system.
const CHEAP_TO_CLEAR: usize = 1 << 20;

/// One thing that was observed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Record {
    /// Run number `id` of the example is over.
    Run { anchor: u32, id: u64, run: Run },
    /// What a throw-away copy found out for a run.
    Part { id: u64, part: Part },
    /// A replay of dormant code is over.
    Replay { index: u64, replay: Replay },
    /// How the example's last statement ended; final only with [`Header::finished`].
    Ending(Ending),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Part {
    Value(Rendered),
    Message(String),
    Probe(u32, Probe),
}

/// How far the slot has read one of the example's streams.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Drained {
    /// Odd while the slot is reading.
    pub turn: AtomicU64,
    /// Bytes read so far.
    pub bytes: AtomicU64,
}

#[repr(C)]
pub(super) struct Header {
    used: AtomicU64,
    /// Records for which there was no room.
    pub lost: AtomicU64,
    /// Set after everything that an interpreter does at its end.
    pub finished: AtomicU32,
    /// Ids for runs.
    pub runs: AtomicU64,
    /// Indices for replays.
    pub replays: AtomicU64,
    /// Nanoseconds spent waiting for throw-away copies.
    pub copies: AtomicU64,
    pub streams: [Drained; 2],
}

#[repr(C)]
struct RecordHeader {
    length: AtomicU32,
    committed: AtomicU32,
}

const HEADER: usize = size_of::<Header>().next_multiple_of(64);
const RECORD_HEADER: usize = size_of::<RecordHeader>();

/// The mapping. Never unmapped: a slot has one for its whole life.
pub(super) struct Arena {
    base: NonNull<u8>,
    /// Counters, one for each anchor and then for each source, follow the header.
    counters: AtomicUsize,
}

// SAFETY: everything in the mapping is only reached through atomics, or belongs to the one who reserved it.
unsafe impl Send for Arena {}
// SAFETY: as above.
unsafe impl Sync for Arena {}

impl Arena {
    pub(super) fn new() -> io::Result<Arena> {
        let flags = libc::MAP_SHARED | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a new anonymous mapping at an address of the kernel's choice.
        let base = unsafe {
            libc::mmap(std::ptr::null_mut(), SIZE, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
        };
        match NonNull::new(base.cast::<u8>()) {
            Some(base) if base.as_ptr().cast() != libc::MAP_FAILED => {
                Ok(Arena { base, counters: AtomicUsize::new(0) })
            }
            _ => Err(io::Error::last_os_error()),
        }
    }

    pub(super) fn header(&self) -> &Header {
        // SAFETY: the mapping is page-aligned, larger than a header, zero at first, and all fields are atomics.
        unsafe { self.base.cast::<Header>().as_ref() }
    }

    /// How often something happened: anchors first, then sources.
    pub(super) fn counter(&self, index: usize) -> Option<&AtomicU64> {
        if index >= self.counters.load(Ordering::Relaxed) {
            return None;
        }
        // SAFETY: `reset` checked that the counters lie within the mapping; they are aligned to 8.
        unsafe { Some(self.base.add(HEADER + index * 8).cast::<AtomicU64>().as_ref()) }
    }

    fn records_start(&self) -> usize {
        (HEADER + self.counters.load(Ordering::Relaxed) * 8).next_multiple_of(8)
    }

    /// Forgets everything and makes room for another example's counters. No other process may be using it.
    pub(super) fn reset(&self, counters: usize) {
        let used = self.records_start() + self.header().used.load(Ordering::Acquire) as usize;
        let used = used.min(SIZE);
        if used <= CHEAP_TO_CLEAR {
            // SAFETY: within the mapping, and nobody else is using it.
            unsafe { std::ptr::write_bytes(self.base.as_ptr(), 0, used) };
        } else {
            // SAFETY: as above; a shared anonymous mapping reads as zeroes after MADV_REMOVE.
            let removed = unsafe { libc::madvise(self.base.as_ptr().cast(), SIZE, libc::MADV_REMOVE) };
            if removed != 0 {
                // SAFETY: as above.
                unsafe { std::ptr::write_bytes(self.base.as_ptr(), 0, used) };
            }
        }
        self.counters.store(counters.min((SIZE / 2) / 8), Ordering::Relaxed);
    }

    /// Adds a record. Where there is no room it is counted as lost.
    pub(super) fn write(&self, record: &Record) {
        let Ok(bytes) = postcard::to_stdvec(record) else {
            self.header().lost.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let size = (RECORD_HEADER + bytes.len()).next_multiple_of(8);
        let room = SIZE - self.records_start();
        // Looked at first, so that a hot loop of lost records cannot make the counter wrap.
        if self.header().used.load(Ordering::Relaxed) as usize + size > room {
            self.header().lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let at = self.header().used.fetch_add(size as u64, Ordering::AcqRel) as usize;
        if at + size > room {
            self.header().lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        // SAFETY: `at..at + size` was reserved for this call alone and lies within the mapping, aligned to 8.
        unsafe {
            let start = self.base.add(self.records_start() + at);
            let header = start.cast::<RecordHeader>().as_ref();
            header.length.store(bytes.len() as u32, Ordering::Release);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), start.add(RECORD_HEADER).as_ptr(), bytes.len());
            header.committed.store(1, Ordering::Release);
        }
    }

    /// All committed records, in the order in which they were begun.
    pub(super) fn records(&self) -> Vec<Record> {
        let room = SIZE - self.records_start();
        let used = (self.header().used.load(Ordering::Acquire) as usize).min(room);
        let mut found = Vec::new();
        let mut at = 0;
        while at + RECORD_HEADER <= used {
            // SAFETY: within the mapping, aligned to 8, and made of atomics.
            let header = unsafe { self.base.add(self.records_start() + at).cast::<RecordHeader>().as_ref() };
            let committed = header.committed.load(Ordering::Acquire) == 1;
            let length = header.length.load(Ordering::Acquire) as usize;
            // A length of 0: reserved by a process that was killed before it wrote it, so that the next record
            // cannot be found.
            if length == 0 || at + RECORD_HEADER + length > used {
                break;
            }
            if committed {
                // SAFETY: within the mapping; committed, so nobody writes there any more.
                let bytes = unsafe {
                    let start = self.base.add(self.records_start() + at + RECORD_HEADER);
                    std::slice::from_raw_parts(start.as_ptr(), length)
                };
                found.extend(postcard::from_bytes(bytes).ok());
            }
            at += (RECORD_HEADER + length).next_multiple_of(8);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> Record {
        Record::Part { id: 7, part: Part::Message(text.to_owned()) }
    }

    fn messages(arena: &Arena) -> Vec<String> {
        let text = |record| match record {
            Record::Part { part: Part::Message(text), .. } => text,
            other => format!("{other:?}"),
        };
        arena.records().into_iter().map(text).collect()
    }

    #[test]
    fn records_come_back_in_order_and_are_gone_after_a_reset() {
        let arena = Arena::new().unwrap();
        arena.reset(3);
        arena.counter(2).unwrap().fetch_add(5, Ordering::Relaxed);
        assert!(arena.counter(3).is_none());
        arena.write(&message("a"));
        arena.write(&message(&"b".repeat(3 << 20)));
        arena.write(&message("c"));
        assert_eq!(messages(&arena).iter().map(String::len).collect::<Vec<_>>(), [1, 3 << 20, 1]);
        arena.reset(3);
        assert!(messages(&arena).is_empty());
        assert_eq!(arena.counter(2).unwrap().load(Ordering::Relaxed), 0);
        arena.write(&message("d"));
        assert_eq!(messages(&arena), ["d"]);
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let arena = Arena::new().unwrap();
        arena.reset(0);
        let large = message(&"x".repeat(100 << 20));
        for _ in 0..3 {
            arena.write(&large);
        }
        assert_eq!(arena.header().lost.load(Ordering::Relaxed), 1);
        assert_eq!(messages(&arena).len(), 2);
    }
}
