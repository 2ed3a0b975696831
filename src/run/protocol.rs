//! The messages between the processes: a length (4 bytes, little-endian) and then postcard.

use super::PythonInfo;
use super::sandbox::{Obtained, Policy};
use crate::observation::Observation;
use camino::Utf8PathBuf;
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;

/// The first thing that the zygote is told.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Setup {
    pub python: Utf8PathBuf,
    pub scratch: Utf8PathBuf,
    pub policy: Policy,
}

/// Its answer. After it, `verify` only sends the sockets of new slots.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Hello {
    Ready(PythonInfo, Obtained),
    Failed(String),
}

/// What a slot says; it is only ever sent jobs.
// Made once and moved once: the size does not matter.
#[allow(clippy::large_enum_variant)]
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum FromSlot {
    /// The example, and all it started, began to wait for something, or (false) works again.
    Asleep(bool),
    Note(String),
    Done(Observation),
}

/// Larger than any message; a guard against reading garbage.
const LONGEST: u32 = 1 << 30;

/// Writes one message.
pub(super) fn send<T: Serialize>(mut stream: &UnixStream, message: &T) -> io::Result<()> {
    let mut bytes = vec![0; 4];
    bytes = postcard::to_extend(message, bytes).map_err(io::Error::other)?;
    let length = u32::try_from(bytes.len() - 4).map_err(io::Error::other)?;
    bytes[..4].copy_from_slice(&length.to_le_bytes());
    stream.write_all(&bytes)
}

/// Reads one message; an error of kind `UnexpectedEof` where the other side is gone.
pub(super) fn receive<T: DeserializeOwned>(mut stream: &UnixStream) -> io::Result<T> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other("a message of impossible length"));
    }
    let mut bytes = vec![0; length as usize];
    stream.read_exact(&mut bytes)?;
    postcard::from_bytes(&bytes).map_err(io::Error::other)
}

/// Hands a descriptor over to another process.
pub(super) fn send_descriptor(stream: &UnixStream, descriptor: BorrowedFd<'_>) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let descriptors = [descriptor];
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::other("no room for a descriptor"));
    }
    rustix::net::sendmsg(stream, &[IoSlice::new(b"S")], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

/// Takes a descriptor from another process; None where that is gone.
pub(super) fn receive_descriptor(stream: &UnixStream) -> io::Result<Option<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut into = [IoSliceMut::new(&mut byte)];
    let got = rustix::net::recvmsg(stream, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC)?;
    if got.bytes == 0 {
        return Ok(None);
    }
    for message in control.drain() {
        if let RecvAncillaryMessage::ScmRights(mut descriptors) = message {
            return Ok(descriptors.next());
        }
    }
    Err(io::Error::other("a message without its descriptor"))
}
