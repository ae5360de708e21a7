//! How the allocator of glibc treats memory that was freed: large arrays go back to the system at once, all other
//! free memory when the screen asks for it.
//!
//! By default, glibc takes arrays of up to 32 MB, once one of that size was freed, from areas that it keeps for each
//! thread, and what is freed there stays with the program as long as anything behind it is in use. The statistics of
//! 70,000 samples free hundreds of megabytes in many threads: after hours, half of the resident memory was unused.

/// Arrays from this size on (bytes) have memory of their own, and this much may lie unused at the end of an area. From
/// 1 MB on, a map of 70,000 samples would take 6% longer, since memory that comes from the system must be cleared first.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LARGE: std::ffi::c_int = 8 << 20;

/// Has large arrays given back to the system, from now on.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "the standard library cannot set this")]
pub(super) fn give_back_large_arrays() {
    // SAFETY: `mallopt` takes two numbers and no pointer, and sets parameters of the allocator under its own lock, which
    // later allocations follow; memory that is in use stays as it is. A value that it refuses changes nothing.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, LARGE);
        libc::mallopt(libc::M_TRIM_THRESHOLD, LARGE);
    }
}

/// Other allocators do so anyway, or cannot be told.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back_large_arrays() {}

/// Gives all pages that hold nothing but freed memory back to the system. After some minutes of work with
/// two models of 70,000 samples, that is about 200 MB.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "the standard library cannot ask for this")]
pub(super) fn release_free_memory() {
    // SAFETY: `malloc_trim` takes a number and no pointer, and works under the locks of the allocator, so that other
    // threads may use memory meanwhile; memory that is in use stays as it is.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other allocators do so anyway, or cannot be told.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn release_free_memory() {}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use std::hint::black_box;

    use super::*;

    /// Resident memory of this process, in bytes.
    fn resident() -> usize {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.unwrap().trim().trim_end_matches(" kB");
        1024 * kibibytes.parse::<usize>().unwrap()
    }

    /// Frees large arrays, each with a small one behind it that stays.
    fn free_between_small_ones(arrays: usize, bytes: usize) -> Vec<Box<[u8]>> {
        let all: Vec<_> = (0..arrays)
            .map(|at| {
                (
                    vec![at as u8; bytes],
                    vec![1_u8; 64 << 10].into_boxed_slice(),
                )
            })
            .collect();
        black_box(&all);
        all.into_iter().map(|(_, small)| small).collect()
    }

    #[test]
    fn freed_memory_goes_back_to_the_system_though_small_arrays_stay() {
        give_back_large_arrays();
        // An array of this size that is freed would let glibc keep those that follow.
        drop(black_box(vec![1_u8; 30 << 20]));
        let before = resident();
        let small = free_between_small_ones(16, 16 << 20);
        let kept = resident().saturating_sub(before);
        assert!(kept < 128 << 20, "{kept} bytes");
        drop(black_box(small));
        // Smaller ones go back when asked for. Other tests take memory meanwhile, so that one try may not show it.
        let most = (0..10).map(|_| {
            let small = free_between_small_ones(128, 1 << 20);
            let before = resident();
            release_free_memory();
            let given_back = before.saturating_sub(resident());
            drop(black_box(small));
            given_back
        });
        let most = most.max().unwrap_or(0);
        assert!(most > 64 << 20, "{most} bytes");
    }
}
