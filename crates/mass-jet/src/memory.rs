//! Memory between the two passes of an operation.

use std::{
    any::Any,
    fmt,
    sync::{Arc, OnceLock},
};

/// Where a forward pass leaves what its reverse pass needs, of whatever type.
#[derive(Clone, Default)]
pub struct Memory(Arc<OnceLock<Box<dyn Any + Send + Sync>>>);

impl Memory {
    /// Keeps a value. Each call of an operation brings its own memory, so this happens once.
    pub fn keep<K: Any + Send + Sync>(&self, kept: K) {
        let _ = self.0.set(Box::new(kept));
    }

    /// What was kept.
    pub fn kept<K: Any + Send + Sync>(&self) -> &K {
        self.0
            .get()
            .and_then(|kept| kept.downcast_ref())
            .expect("the forward pass has run, in the same number type")
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Memory of a forward pass")
    }
}
