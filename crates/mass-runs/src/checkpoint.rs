//! Checkpoints: everything a run needs to go on, in one safetensors file.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Debug,
    fs,
    path::Path,
};

use safetensors::{SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use safetensors::Dtype;

use crate::{Error, files::write_bytes};

/// Version of the layout below; raised when it changes.
const FORMAT: u32 = 1;

/// The key of the header among the file's metadata.
const HEADER: &str = "mass";

/// A tensor on the host, little-endian, with the members as its first axis.
#[derive(Debug, Clone, PartialEq)]
pub struct HostTensor {
    /// Type of its numbers.
    pub dtype: Dtype,
    /// Its shape, `[E, ..]`.
    pub shape: Vec<usize>,
    /// Its numbers, row-major.
    pub bytes: Vec<u8>,
}

impl HostTensor {
    fn row(&self) -> usize {
        self.bytes.len() / self.shape[0].max(1)
    }

    fn shape_of(&self, members: usize) -> Vec<usize> {
        let mut shape = self.shape.clone();
        shape[0] = members;
        shape
    }

    /// The rows of members `from..from + count`.
    pub fn members(&self, from: usize, count: usize) -> HostTensor {
        let row = self.row();
        HostTensor {
            dtype: self.dtype,
            shape: self.shape_of(count),
            bytes: self.bytes[from * row..(from + count) * row].to_vec(),
        }
    }

    /// A tensor of this kind for `count` members, all zero.
    pub fn of_members(&self, count: usize) -> HostTensor {
        HostTensor {
            dtype: self.dtype,
            shape: self.shape_of(count),
            bytes: vec![0; count * self.row()],
        }
    }

    /// Sets member `position` to member `member` of another tensor of this kind.
    pub fn set_member(&mut self, position: usize, other: &HostTensor, member: usize) {
        let row = self.row();
        let source = &other.bytes[member * row..(member + 1) * row];
        self.bytes[position * row..(position + 1) * row].copy_from_slice(source);
    }

    /// Appends more members.
    pub fn extend(&mut self, other: HostTensor) {
        self.shape[0] += other.shape[0];
        self.bytes.extend(other.bytes);
    }
}

/// What a checkpoint says of its members besides their tensors: plain data, written as JSON.
///
/// A number with a fraction is an [`Exact`](crate::Exact) here or belongs in a tensor: JSON may give back
/// its neighbour, and what goes on from that is another run.
pub trait State: Clone + Debug + PartialEq + Serialize + DeserializeOwned {
    /// Refuses a state that cannot be of so many members.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    fn check(&self, members: usize) -> Result<(), String>;

    /// The state of members gathered from several: of each, whose it is and which of its members. `None`
    /// if the states do not go together.
    fn gather(states: &[Self], places: &[(usize, usize)]) -> Option<Self>;
}

/// What a checkpoint says besides its tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CheckpointHeader<S> {
    /// Layout version.
    pub format: u32,
    /// Steps done. Streams of random numbers are to be pure functions of the seed and the step, so this
    /// is also the position of every one of them.
    pub completed: u64,
    /// The members, in the order of the tensors' first axis.
    pub seeds: Vec<u64>,
    /// What else is to be known of them.
    #[serde(flatten)]
    pub state: S,
    /// Hash of what decides the run.
    pub plan: String,
    /// BLAKE3 of the tensors' bytes in the order of their names.
    pub content: String,
}

/// A checkpoint in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint<S> {
    /// What it says besides its tensors.
    pub header: CheckpointHeader<S>,
    /// Its tensors by their names.
    pub tensors: HashMap<String, HostTensor>,
}

impl<S: State> Checkpoint<S> {
    /// After `completed` steps of these members.
    pub fn new(
        completed: u64,
        seeds: Vec<u64>,
        state: S,
        plan: String,
        tensors: HashMap<String, HostTensor>,
    ) -> Self {
        let content = content_hash(&tensors);
        let header = CheckpointHeader {
            format: FORMAT,
            completed,
            seeds,
            state,
            plan,
            content,
        };
        Self { header, tensors }
    }

    /// Writes the file whole or not at all.
    ///
    /// # Errors
    ///
    /// An error naming the file.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let header = serde_json::to_string(&self.header).expect("a header is plain data");
        let metadata = HashMap::from([(HEADER.to_string(), header)]);
        let views = self.tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes)
                .expect("bytes were sized by their shape");
            (name, view)
        });
        let bytes = safetensors::serialize(views, Some(metadata))
            .map_err(|error| Error::checkpoint(path, error.to_string()))?;
        write_bytes(path, &bytes)
    }

    /// Reads a file and checks that nothing is missing or changed.
    ///
    /// # Errors
    ///
    /// [`Error::File`], [`Error::Checkpoint`] if it is truncated, corrupted or something else.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|cause| Error::file("read", path, cause))?;
        let fail = |reason: String| Error::checkpoint(path, reason);
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| {
            fail(format!(
                "it is truncated or not a safetensors file ({error})"
            ))
        })?;
        let header = metadata
            .metadata()
            .as_ref()
            .and_then(|map| map.get(HEADER))
            .ok_or_else(|| {
                fail("it has no `mass` header: it is not a checkpoint of this crate".into())
            })?;
        let header: CheckpointHeader<S> = serde_json::from_str(header)
            .map_err(|error| fail(format!("its `mass` header does not read: {error}")))?;
        if header.format != FORMAT {
            return Err(fail(format!(
                "its layout is version {}, this crate reads version {FORMAT}",
                header.format
            )));
        }
        header
            .state
            .check(header.seeds.len())
            .map_err(|reason| fail(format!("its `mass` header {reason}")))?;
        let tensors = SafeTensors::deserialize(&bytes)
            .map_err(|error| fail(format!("it is truncated or corrupted ({error})")))?;
        let mut read = HashMap::new();
        for (name, view) in tensors.iter() {
            if view.shape().first() != Some(&header.seeds.len()) {
                return Err(fail(format!(
                    "tensor {name:?} has shape {:?}, but its first axis is that of the {} members",
                    view.shape(),
                    header.seeds.len()
                )));
            }
            let tensor = HostTensor {
                dtype: view.dtype(),
                shape: view.shape().to_vec(),
                bytes: view.data().to_vec(),
            };
            read.insert(name.to_string(), tensor);
        }
        if content_hash(&read) != header.content {
            return Err(fail(
                "its content does not match its checksum: it is corrupted".into(),
            ));
        }
        Ok(Self {
            header,
            tensors: read,
        })
    }

    /// The tensor of this name, with its shape checked.
    ///
    /// # Errors
    ///
    /// [`Error::Checkpoint`] if there is none, or of another shape, naming the file at `path`.
    pub fn tensor(&self, path: &Path, name: &str, shape: &[usize]) -> Result<&HostTensor, Error> {
        let tensor = self
            .tensors
            .get(name)
            .ok_or_else(|| Error::checkpoint(path, format!("it has no tensor {name:?}")))?;
        if tensor.shape != shape {
            return Err(Error::checkpoint(
                path,
                format!(
                    "tensor {name:?} has shape {:?}, but the recipe needs {shape:?}",
                    tensor.shape
                ),
            ));
        }
        Ok(tensor)
    }
}

fn content_hash(tensors: &HashMap<String, HostTensor>) -> String {
    let sorted: BTreeMap<&String, &HostTensor> = tensors.iter().collect();
    let mut hasher = blake3::Hasher::new();
    for (name, tensor) in sorted {
        hasher.update(name.as_bytes());
        hasher.update(format!("{:?}{:?}", tensor.dtype, tensor.shape).as_bytes());
        hasher.update(&tensor.bytes);
    }
    hasher.finalize().to_hex().to_string()
}
