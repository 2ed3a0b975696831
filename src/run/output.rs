//! The example's standard streams: captured by the slot, measured by the example.
//!
//! How much was written up to a moment has to be known to the byte, by the example itself, without asking the
//! slot: it is what the slot has read so far, which it publishes in the arena, and what still waits in the pipe.
//! As reading moves bytes from one number to the other, the slot marks each read by a turn counter that is odd
//! meanwhile, and the example looks again where that was odd or has changed.

use super::arena::{Arena, Drained};
use crate::observation::Output;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::Ordering;

/// How many times the kept size an example may write before it counts as endless.
const ENDLESS: u64 = 64;

/// One stream, as the slot reads it.
#[derive(Debug)]
pub(super) struct Drain {
    pub pipe: OwnedFd,
    kept: Vec<u8>,
    cap: u64,
    total: u64,
    /// No process holds the other end any more.
    pub closed: bool,
}

impl Drain {
    /// `pipe` must not block. `cap`: how many bytes are kept.
    pub(super) fn new(pipe: OwnedFd, cap: u64) -> Drain {
        Drain { pipe, kept: Vec::new(), cap, total: 0, closed: false }
    }

    /// Reads what there is, up to 1 MiB, and publishes it. Gives the number of bytes.
    pub(super) fn read(&mut self, published: &Drained) -> usize {
        let mut buffer = [0_u8; 64 << 10];
        let mut sum = 0;
        while !self.closed && sum < 1 << 20 {
            published.turn.fetch_add(1, Ordering::SeqCst);
            let got = rustix::io::read(&self.pipe, &mut buffer);
            let count = *got.as_ref().unwrap_or(&0);
            published.bytes.fetch_add(count as u64, Ordering::SeqCst);
            published.turn.fetch_add(1, Ordering::SeqCst);
            match got {
                Ok(0) => self.closed = true,
                Ok(_) => {}
                Err(rustix::io::Errno::INTR) => continue,
                Err(_) => break,
            }
            let room = self.cap.saturating_sub(self.kept.len() as u64).min(count as u64) as usize;
            self.kept.extend_from_slice(&buffer[..room]);
            self.total += count as u64;
            sum += count;
            if count < buffer.len() {
                break;
            }
        }
        sum
    }

    /// Whether this is more than any honest example writes.
    pub(super) fn is_endless(&self) -> bool {
        self.total > self.cap.max(1 << 16).saturating_mul(ENDLESS)
    }

    pub(super) fn finish(self) -> Output {
        Output { dropped: self.total - self.kept.len() as u64, bytes: self.kept }
    }
}

/// Where the example's own streams go, and how their length is found out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Streams {
    /// Nowhere yet.
    None,
    /// The write ends of the pipes, in descriptors that the example has no reason to touch.
    Pipes([RawFd; 2]),
    /// In a replay: files that nobody reads before the end.
    Files([RawFd; 2]),
}

impl Streams {
    /// Keeps the standard streams of this process under higher numbers, so that an example which closes or
    /// redirects 1 and 2 does not break the measuring.
    pub(super) fn keep() -> Streams {
        let keep = |from: RawFd| {
            [1000, 200, 3].iter().map(|&least| duplicate(from, least)).find(|&fd| fd >= 0).unwrap_or(-1)
        };
        Streams::Pipes([keep(1), keep(2)])
    }

    /// The number of bytes written so far to standard output and standard error.
    pub(super) fn written(self, arena: &Arena) -> [u64; 2] {
        match self {
            Streams::None => [0, 0],
            Streams::Pipes(pipes) => [0, 1].map(|at| written_to_pipe(pipes[at], &arena.header().streams[at])),
            Streams::Files(files) => files.map(file_size),
        }
    }
}

/// `fcntl(F_DUPFD_CLOEXEC)`; -1 where that fails.
fn duplicate(from: RawFd, least: RawFd) -> RawFd {
    // SAFETY: touches no memory; the new descriptor is kept for the process's whole life.
    unsafe { libc::fcntl(from, libc::F_DUPFD_CLOEXEC, least) }
}

fn written_to_pipe(pipe: RawFd, published: &Drained) -> u64 {
    let mut tries = 0_u32;
    loop {
        let turn = published.turn.load(Ordering::SeqCst);
        let bytes = published.bytes.load(Ordering::SeqCst);
        if turn.is_multiple_of(2) {
            let mut waiting: libc::c_int = 0;
            // SAFETY: FIONREAD writes one int. On a descriptor that the example has closed it fails.
            let known = unsafe { libc::ioctl(pipe, libc::FIONREAD, &raw mut waiting) } == 0;
            if published.turn.load(Ordering::SeqCst) == turn {
                return bytes + if known { waiting.max(0) as u64 } else { 0 };
            }
        }
        tries += 1;
        if tries > 10_000 {
            return bytes;
        }
        std::thread::yield_now();
    }
}

fn file_size(file: RawFd) -> u64 {
    // SAFETY: all zeroes is a valid `stat`, and fstat only writes to it.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        if libc::fstat(file, &raw mut stat) == 0 { stat.st_size.max(0) as u64 } else { 0 }
    }
}

/// Reads a file from its beginning: at most `cap` bytes are kept.
pub(super) fn contents(file: &OwnedFd, cap: u64) -> Output {
    let size = file_size(file.as_raw_fd());
    let mut bytes = vec![0; size.min(cap) as usize];
    let mut filled = 0;
    while filled < bytes.len() {
        match rustix::io::pread(file, &mut bytes[filled..], filled as u64) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => break,
        }
    }
    bytes.truncate(filled);
    Output { dropped: size.saturating_sub(filled as u64), bytes }
}

/// A file in memory without a name.
pub(super) fn memory_file() -> io::Result<OwnedFd> {
    Ok(rustix::fs::memfd_create("stream", rustix::fs::MemfdFlags::CLOEXEC)?)
}

/// Puts a descriptor in the place of standard output (1) or standard error (2).
pub(super) fn redirect(from: &impl AsFd, to: RawFd) {
    // SAFETY: dup2 touches no memory; 0, 1 and 2 are owned by nobody in this process.
    unsafe {
        libc::dup2(from.as_fd().as_raw_fd(), to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn the_length_is_known_whether_it_was_read_or_still_waits() {
        let arena = Arena::new().unwrap();
        arena.reset(0);
        let (reader, writer) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::NONBLOCK).unwrap();
        let streams = Streams::Pipes([writer.as_raw_fd(), -1]);
        let mut drain = Drain::new(reader, 4);
        let mut file = std::fs::File::from(writer.try_clone().unwrap());
        file.write_all(b"hello").unwrap();
        assert_eq!(streams.written(&arena), [5, 0]);
        assert_eq!(drain.read(&arena.header().streams[0]), 5);
        file.write_all(b" you").unwrap();
        assert_eq!(streams.written(&arena), [9, 0]);
        drop((file, writer));
        drain.read(&arena.header().streams[0]);
        assert_eq!(drain.finish(), Output { bytes: b"hell".to_vec(), dropped: 5 });
    }
}
