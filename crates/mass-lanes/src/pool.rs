//! Working memory that is used again.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Mutex, PoisonError},
};

/// Bytes of a cache line, and of a vector of lanes.
const LINE: usize = 64;

/// Buffers that were given back, to be used again: after the first step of a training, kernels ask
/// the allocator for nothing.
///
/// There is one pool per number type, [`Real::pool`](crate::Real::pool). It keeps what has been in use at once.
pub struct Pool<T> {
    free: Mutex<Vec<Vec<T>>>,
}

impl<T: Copy + Default> Pool<T> {
    pub(crate) const fn new() -> Self {
        Self {
            free: Mutex::new(Vec::new()),
        }
    }

    /// A buffer of `length` numbers, the first at the beginning of a cache line. What they are is
    /// not said: some earlier use's, or zero.
    pub fn take(&'static self, length: usize) -> Buffer<T> {
        let padding = LINE / size_of::<T>();
        let needed = length + padding;
        let found = {
            let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
            // The smallest that is large enough, unless it would waste more than it holds.
            let fit = free
                .iter()
                .enumerate()
                .filter(|(_, values)| values.len() >= needed && values.len() <= 2 * needed + 4096)
                .min_by_key(|(_, values)| values.len())
                .map(|(index, _)| index);
            fit.map(|index| free.swap_remove(index))
        };
        let values = found.unwrap_or_else(|| vec![T::default(); needed]);
        let past = values.as_ptr().addr() % LINE;
        let start = if past == 0 {
            0
        } else {
            (LINE - past) / size_of::<T>()
        };
        Buffer {
            values,
            start,
            length,
            pool: self,
        }
    }

    /// A buffer of `length` zeros.
    pub fn take_zeroed(&'static self, length: usize) -> Buffer<T> {
        let mut buffer = self.take(length);
        buffer.fill(T::default());
        buffer
    }

    /// Numbers that the pool holds and nobody uses.
    pub fn idle(&self) -> usize {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.iter().map(Vec::len).sum()
    }
}

/// Numbers from a [`Pool`], to which they return when the buffer is dropped.
pub struct Buffer<T: 'static> {
    values: Vec<T>,
    start: usize,
    length: usize,
    pool: &'static Pool<T>,
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[self.start..self.start + self.length]
    }
}

impl<T> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..self.start + self.length]
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        let mut free = self
            .pool
            .free
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        free.push(values);
    }
}

impl<T> fmt::Debug for Buffer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer of {} numbers", self.length)
    }
}
