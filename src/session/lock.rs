//! Who writes a session: a small file beside it, so that a second program keeps a session of its own.
//!
//! The file appears with its content, under a name that nobody has, which works on network file systems, too. It is no
//! longer valid when its process on this machine has ended, or when one on another machine has not touched it for a while.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::{Result, printable};
use crate::export::write_new_file;
use crate::processes::{began, is_alive, machine};

/// How often whoever holds a lock touches it.
pub(crate) const TOUCHED_EVERY: Duration = Duration::from_secs(120);
/// A lock of another machine that was not touched for so long is no longer valid.
const ABANDONED: Duration = Duration::from_secs(900);

/// Whoever holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Holder {
    machine: String,
    process: u32,
    /// When the process began, by the kernel's clock.
    began: Option<u64>,
}

/// A lock that is held. Dropping it removes its file.
#[derive(Debug)]
pub(crate) struct Lock {
    path: PathBuf,
    holder: Holder,
}

/// What came of trying to take a lock.
#[derive(Debug)]
pub(crate) enum Locked {
    /// It is held.
    Here(Lock),
    /// Another program holds it; who that is, in words.
    Elsewhere(String),
}

impl Holder {
    fn this() -> Self {
        let process = std::process::id();
        Self {
            machine: machine(),
            process,
            began: began(process),
        }
    }

    /// Whether it may still be at work.
    fn is_there(&self, touched: SystemTime) -> bool {
        if self.machine != machine() {
            let age = SystemTime::now().duration_since(touched);
            // A time in the future is that of another clock.
            return age.unwrap_or_default() < ABANDONED;
        }
        // Numbers of processes are used again.
        is_alive(self.process) && self.began == began(self.process)
    }
}

impl Lock {
    /// Takes the lock of a session's file.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if nothing can be written there.
    pub(crate) fn take(session: &Path) -> Result<Locked> {
        let path = session.with_extension("lock");
        let holder = Holder::this();
        let text = serde_json::to_vec(&holder).unwrap_or_default();
        if !write_new_file(&path, &text)? {
            let bytes = std::fs::read(&path).unwrap_or_default();
            let touched = path.metadata().and_then(|data| data.modified());
            let touched = touched.unwrap_or(SystemTime::UNIX_EPOCH);
            let other = serde_json::from_slice::<Holder>(&bytes).ok();
            if let Some(other) = other.as_ref().filter(|other| other.is_there(touched)) {
                let (process, machine) = (other.process, printable(&other.machine));
                return Ok(Locked::Elsewhere(format!("process {process} on {machine}")));
            }
            // Taken away under a name of its own: of two programs that find it, one gets it.
            let aside = path.with_extension(format!("lock-{}", holder.process));
            let is_mine = std::fs::rename(&path, &aside).is_ok()
                && std::fs::read(&aside).is_ok_and(|taken| taken == bytes);
            if !is_mine && aside.exists() {
                let _ = std::fs::hard_link(&aside, &path);
            }
            let _ = std::fs::remove_file(&aside);
            if !(is_mine && write_new_file(&path, &text)?) {
                return Ok(Locked::Elsewhere("another program".into()));
            }
        }
        Ok(Locked::Here(Self { path, holder }))
    }

    /// Shows that it is still held.
    pub(crate) fn touch(&self) {
        let file = std::fs::File::options().write(true).open(&self.path);
        // If that fails, another machine may take it after a while.
        let _ = file.and_then(|file| file.set_modified(SystemTime::now()));
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let bytes = std::fs::read(&self.path).unwrap_or_default();
        if serde_json::from_slice::<Holder>(&bytes).is_ok_and(|holder| holder == self.holder) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_until_it_ends_and_the_dead_hold_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let session = folder.path().join("a.session.npz");
        let path = folder.path().join("a.session.lock");
        let is_here = || matches!(Lock::take(&session).unwrap(), Locked::Here(_));
        let Locked::Here(held) = Lock::take(&session).unwrap() else {
            panic!("nobody holds it");
        };
        let Locked::Elsewhere(who) = Lock::take(&session).unwrap() else {
            panic!("it is held");
        };
        assert!(
            who.contains(&format!("process {} on ", std::process::id())),
            "{who}"
        );
        held.touch();
        drop(held);
        assert!(!path.exists());
        assert!(is_here());
        let write =
            |holder: &Holder| std::fs::write(&path, serde_json::to_vec(holder).unwrap()).unwrap();
        // A process that has ended; one whose number another process has now; a file that was cut off.
        let mut child = std::process::Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        let dead = Holder {
            process: child.id(),
            ..Holder::this()
        };
        let older = Holder {
            began: Some(1),
            ..Holder::this()
        };
        for holder in [dead, older] {
            write(&holder);
            assert!(is_here(), "{holder:?}");
        }
        std::fs::write(&path, "{").unwrap();
        assert!(is_here());
        // Another machine: until it is silent for a while.
        let far = Holder {
            machine: "far".into(),
            ..Holder::this()
        };
        write(&far);
        assert!(!is_here());
        let long_ago = SystemTime::now() - 2 * ABANDONED;
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(long_ago).unwrap();
        assert!(is_here());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn of_many_at_once_one_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let session = folder.path().join("a.session.npz");
        for stale in [false, true] {
            if stale {
                std::fs::write(folder.path().join("a.session.lock"), "{").unwrap();
            }
            let all: Vec<Locked> = std::thread::scope(|scope| {
                let threads: Vec<_> = (0..8)
                    .map(|_| scope.spawn(|| Lock::take(&session).unwrap()))
                    .collect();
                threads
                    .into_iter()
                    .map(|thread| thread.join().unwrap())
                    .collect()
            });
            let here = all
                .iter()
                .filter(|one| matches!(one, Locked::Here(_)))
                .count();
            assert!(here <= 1 && (stale || here == 1), "{here}");
        }
    }
}
