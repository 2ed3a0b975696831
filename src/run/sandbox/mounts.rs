//! What a slot sees of the file system: everything read-only, personal and changing places empty, its own folder
//! writable.

use super::{Policy, errno};
use camino::Utf8Path;
use rustix::fs::CWD;
use rustix::io::Result;
use rustix::mount::{
    MountFlags, MountPropagationFlags, MoveMountFlags, OpenTreeFlags, mount, mount_change, move_mount,
    open_tree,
};
use std::collections::HashSet;
use std::ffi::{CString, OsString};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Empty in the sandbox, and writable.
const SCRATCH: [&str; 2] = ["/tmp", "/var/tmp"];

/// Empty in the sandbox but for what was asked for, and read-only: homes, and the sockets of the machine's services.
const HIDDEN: [&str; 3] = ["/home", "/root", "/run"];

/// Below `HIDDEN`, but part of the system rather than of anybody's doings.
const SYSTEM: [&str; 5] = [
    "/run/current-system",
    "/run/systemd/resolve",
    "/run/resolvconf",
    "/run/NetworkManager/resolv.conf",
    "/run/opengl-driver",
];

/// Devices that a program may expect.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// The slot's own folders for temporary files, which are cleared after each example.
pub(in crate::run) struct Temporary {
    /// Each with what belongs there.
    folders: Vec<(PathBuf, HashSet<OsString>)>,
}

impl Temporary {
    /// As they are now. `own`: whether they are the slot's own and not everybody's.
    pub(in crate::run) fn new(own: bool) -> Temporary {
        let places = SCRATCH.iter().chain(&["/dev/shm"]).filter(|_| own).map(PathBuf::from);
        Temporary { folders: places.map(|place| (place.clone(), names(&place).collect())).collect() }
    }

    /// Removes what has been put there since.
    pub(in crate::run) fn clear(&self) {
        for (folder, belongs) in &self.folders {
            for name in names(folder).filter(|name| !belongs.contains(name)) {
                let path = folder.join(name);
                if std::fs::remove_file(&path).is_err() {
                    crate::run::zygote::remove(&path);
                }
            }
        }
    }
}

fn names(folder: &Path) -> impl Iterator<Item = OsString> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.file_name())
}

/// Nothing that is mounted from here on is seen outside.
pub(super) fn make_private() -> Result<()> {
    mount_change("/", MountPropagationFlags::PRIVATE | MountPropagationFlags::REC)
}

/// A `/proc` for this process's namespace. Read-only: root owns the files by which the kernel is configured.
pub(super) fn new_proc() -> Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::RDONLY;
    mount("proc", "/proc", "proc", flags, None)
}

/// A tree that was taken hold of before its place was hidden or made read-only, and where it goes.
struct Kept {
    place: PathBuf,
    tree: OwnedFd,
    folder: bool,
}

impl Kept {
    fn take(place: &Path, from: &Path) -> Result<Kept> {
        let flags =
            OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC | OpenTreeFlags::AT_RECURSIVE;
        let tree = open_tree(CWD, from, flags)?;
        Ok(Kept { place: place.to_owned(), tree, folder: from.is_dir() })
    }

    /// Mounts it, where there may be nothing yet to mount it on.
    fn put(self) -> Result<()> {
        if !self.place.exists() {
            let folder = if self.folder { Some(self.place.as_path()) } else { self.place.parent() };
            std::fs::create_dir_all(folder.unwrap_or(&self.place)).map_err(errno)?;
            if !self.folder {
                std::fs::write(&self.place, "").map_err(errno)?;
            }
        }
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        move_mount(&self.tree, c"", CWD, self.place.as_path(), flags)
    }
}

/// Arranges it all. `own`: the slot's folder.
pub(super) fn arrange(policy: &Policy, own: Option<&Utf8Path>) -> Result<()> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let home = home.filter(|home| home.is_absolute() && home.parent().is_some());
    let homes = home.iter().flat_map(|home| [Some(home.clone()), home.canonicalize().ok()]).flatten();
    let mut hidden: Vec<PathBuf> = HIDDEN.iter().map(PathBuf::from).chain(homes).collect();
    hidden.retain(|place| place.is_dir() && !place.is_symlink());
    let scratch: Vec<PathBuf> =
        SCRATCH.iter().map(PathBuf::from).filter(|place| place.is_dir() && !place.is_symlink()).collect();
    let covered = |path: &Path| hidden.iter().chain(&scratch).any(|place| path.starts_with(place));
    // What lies below another one is hidden with it.
    let within = |place: &Path| hidden.iter().any(|other| place != other && place.starts_with(other));
    let mut outermost: Vec<&PathBuf> = hidden.iter().filter(|place| !within(place)).collect();
    outermost.sort();
    outermost.dedup();

    // Both kinds may be links, and either end of them be covered.
    let both = |path: &PathBuf| [Some(path.clone()), path.canonicalize().ok()].into_iter().flatten();
    let mut writable: Vec<PathBuf> = policy.writable.iter().flat_map(both).collect();
    writable.extend(own.map(|own| own.as_std_path().to_owned()));
    writable.sort();
    writable.dedup();
    let writable = writable.iter().map(|path| Kept::take(path, path)).collect::<Result<Vec<_>>>()?;

    set_read_only(Path::new("/"), true)?;

    let system = SYSTEM.iter().map(PathBuf::from);
    let mut visible: Vec<PathBuf> = policy.visible.iter().flat_map(both).chain(system).collect();
    visible.retain(|path| {
        // A place that is to be hidden is not shown as a whole, whoever wishes for it.
        let whole = hidden.iter().chain(&scratch).any(|place| place.starts_with(path));
        path.exists() && covered(path) && !whole
    });
    visible.sort();
    let mut seen: Vec<Kept> = Vec::new();
    for path in &visible {
        if !seen.iter().any(|kept| path.starts_with(&kept.place)) {
            seen.push(Kept::take(path, path)?);
        }
    }

    new_devices()?;
    for place in &scratch {
        new_folder(place, "mode=1777,size=1g")?;
    }
    for place in &outermost {
        // A home among the temporary files is gone by now.
        std::fs::create_dir_all(place).map_err(errno)?;
        new_folder(place, "mode=755,size=1m")?;
    }
    if let Some(home) = home {
        // Where it lies below a place that is hidden, it is to exist.
        let _ = std::fs::create_dir_all(home);
    }
    for kept in seen.into_iter().chain(writable) {
        kept.put()?;
    }
    for place in outermost.into_iter().map(PathBuf::as_path).chain([Path::new("/dev")]) {
        set_read_only(place, false)?;
    }
    // Not in a folder that is hidden now.
    std::env::set_current_dir("/").map_err(errno)
}

/// A `/dev` without disks and other people's terminals.
fn new_devices() -> Result<()> {
    let devices: Vec<Kept> = DEVICES
        .iter()
        .map(|name| Path::new("/dev").join(name))
        .filter(|path| path.exists())
        .map(|path| Kept::take(&path, &path))
        .collect::<Result<_>>()?;
    new_folder(Path::new("/dev"), "mode=755,size=1m")?;
    for device in devices {
        device.put()?;
    }
    for name in ["pts", "shm"] {
        std::fs::create_dir(Path::new("/dev").join(name)).map_err(errno)?;
    }
    new_folder(Path::new("/dev/shm"), "mode=1777,size=1g")?;
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount("devpts", "/dev/pts", "devpts", flags, Some(c"newinstance,ptmxmode=0666,mode=620"))?;
    for (link, target) in [
        ("ptmx", "pts/ptmx"),
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ] {
        std::os::unix::fs::symlink(target, Path::new("/dev").join(link)).map_err(errno)?;
    }
    Ok(())
}

/// An empty folder in memory over what is there.
fn new_folder(place: &Path, options: &str) -> Result<()> {
    let options = CString::new(options).unwrap_or_default();
    mount("tmpfs", place, "tmpfs", MountFlags::NOSUID | MountFlags::NODEV, Some(options.as_c_str()))
}

/// Makes a mount read-only, if wished with all below it.
fn set_read_only(place: &Path, all: bool) -> Result<()> {
    let path = CString::new(place.as_os_str().as_bytes()).map_err(|_| rustix::io::Errno::INVAL)?;
    let wanted =
        libc::mount_attr { attr_set: libc::MOUNT_ATTR_RDONLY, attr_clr: 0, propagation: 0, userns_fd: 0 };
    let flags = if all { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: a path that ends in a zero, and a structure of the size that is given.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            flags,
            &raw const wanted,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 { Ok(()) } else { Err(errno(std::io::Error::last_os_error())) }
}
