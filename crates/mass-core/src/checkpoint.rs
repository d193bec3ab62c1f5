//! Checkpoints: everything a training needs to go on, in one safetensors file.

use std::{collections::HashMap, fs, path::Path};

use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use crate::{Error, files::write_bytes};

/// Version of the layout below; raised when it changes.
const FORMAT: u32 = 1;

/// A parameter tensor on the host, `[E, rows, columns]` little-endian.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HostTensor {
    pub(crate) dtype: Dtype,
    pub(crate) shape: [usize; 3],
    pub(crate) bytes: Vec<u8>,
}

impl HostTensor {
    /// The rows of members `from..from + count`.
    pub(crate) fn members(&self, from: usize, count: usize) -> HostTensor {
        let row = self.bytes.len() / self.shape[0];
        HostTensor {
            dtype: self.dtype,
            shape: [count, self.shape[1], self.shape[2]],
            bytes: self.bytes[from * row..(from + count) * row].to_vec(),
        }
    }

    /// A tensor of this kind for `count` members, all zero.
    pub(crate) fn of_members(&self, count: usize) -> HostTensor {
        let row = self.bytes.len() / self.shape[0];
        HostTensor {
            dtype: self.dtype,
            shape: [count, self.shape[1], self.shape[2]],
            bytes: vec![0; count * row],
        }
    }

    /// Sets member `position` to member `member` of another tensor of this kind.
    pub(crate) fn set_member(&mut self, position: usize, other: &HostTensor, member: usize) {
        let row = self.bytes.len() / self.shape[0];
        let source = &other.bytes[member * row..(member + 1) * row];
        self.bytes[position * row..(position + 1) * row].copy_from_slice(source);
    }

    /// Appends more members.
    pub(crate) fn extend(&mut self, other: HostTensor) {
        self.shape[0] += other.shape[0];
        self.bytes.extend(other.bytes);
    }
}

/// What a checkpoint says besides its tensors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckpointHeader {
    /// Layout version.
    pub(crate) format: u32,
    /// Steps done; batches are a pure function of (seed, system, step), so this is also the
    /// position of every random stream.
    pub(crate) completed: u64,
    /// The scientists, in the order of the tensors' first axis.
    pub(crate) seeds: Vec<u64>,
    /// Step at which each scientist diverged, if it did.
    pub(crate) diverged: Vec<Option<u64>>,
    /// AdamW's updates since its last restart, per parameter; 0 where it has no moments.
    pub(crate) updates: Vec<usize>,
    /// BLAKE3 of the recipe's TOML and the systems.
    pub(crate) plan: String,
    /// BLAKE3 of the tensors' bytes in the order of their names.
    pub(crate) content: String,
}

/// A checkpoint in memory: `raw.NAME`, `average.NAME`, `first.NAME`, `second.NAME` per parameter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) header: CheckpointHeader,
    pub(crate) tensors: HashMap<String, HostTensor>,
}

impl Checkpoint {
    pub(crate) fn new(
        completed: u64,
        seeds: Vec<u64>,
        diverged: Vec<Option<u64>>,
        updates: Vec<usize>,
        plan: String,
        tensors: HashMap<String, HostTensor>,
    ) -> Self {
        let content = content_hash(&tensors);
        let header = CheckpointHeader {
            format: FORMAT,
            completed,
            seeds,
            diverged,
            updates,
            plan,
            content,
        };
        Self { header, tensors }
    }

    /// Writes the file whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let header = serde_json::to_string(&self.header).expect("a header is plain data");
        let metadata = HashMap::from([("mass".to_string(), header)]);
        let views = self.tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(tensor.dtype, tensor.shape.to_vec(), &tensor.bytes)
                .expect("bytes were sized by their shape");
            (name, view)
        });
        let bytes =
            safetensors::serialize(views, Some(metadata)).map_err(|error| Error::Checkpoint {
                path: path.into(),
                reason: error.to_string(),
            })?;
        write_bytes(path, &bytes)
    }

    /// Reads a file and checks that nothing is missing or changed.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::File {
            action: "read",
            path: path.into(),
            source,
        })?;
        let fail = |reason: String| Error::Checkpoint {
            path: path.into(),
            reason,
        };
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|error| {
            fail(format!(
                "it is truncated or not a safetensors file ({error})"
            ))
        })?;
        let header = metadata
            .metadata()
            .as_ref()
            .and_then(|map| map.get("mass"))
            .ok_or_else(|| {
                fail("it has no `mass` header: it is not a checkpoint of this crate".into())
            })?;
        let header: CheckpointHeader = serde_json::from_str(header)
            .map_err(|error| fail(format!("its `mass` header does not read: {error}")))?;
        if header.format != FORMAT {
            return Err(fail(format!(
                "its layout is version {}, this crate reads version {FORMAT}",
                header.format
            )));
        }
        if header.diverged.len() != header.seeds.len() {
            return Err(fail(format!(
                "its `mass` header says of {} scientists when they diverged, but it has {}",
                header.diverged.len(),
                header.seeds.len()
            )));
        }
        let tensors = SafeTensors::deserialize(&bytes)
            .map_err(|error| fail(format!("it is truncated or corrupted ({error})")))?;
        let mut read = HashMap::new();
        for (name, view) in tensors.iter() {
            let shape: [usize; 3] = view.shape().try_into().map_err(|_| {
                fail(format!(
                    "tensor {name:?} has shape {:?}, not [E, rows, columns]",
                    view.shape()
                ))
            })?;
            let tensor = HostTensor {
                dtype: view.dtype(),
                shape,
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
    pub(crate) fn tensor(
        &self,
        path: &Path,
        name: &str,
        shape: [usize; 3],
    ) -> Result<&HostTensor, Error> {
        let fail = |reason: String| Error::Checkpoint {
            path: path.into(),
            reason,
        };
        let tensor = self
            .tensors
            .get(name)
            .ok_or_else(|| fail(format!("it has no tensor {name:?}")))?;
        if tensor.shape != shape {
            return Err(fail(format!(
                "tensor {name:?} has shape {:?}, but the recipe needs {shape:?}",
                tensor.shape
            )));
        }
        Ok(tensor)
    }
}

fn content_hash(tensors: &HashMap<String, HostTensor>) -> String {
    let mut names: Vec<&String> = tensors.keys().collect();
    names.sort();
    let mut hasher = blake3::Hasher::new();
    for name in names {
        let tensor = &tensors[name];
        hasher.update(name.as_bytes());
        hasher.update(format!("{:?}{:?}", tensor.dtype, tensor.shape).as_bytes());
        hasher.update(&tensor.bytes);
    }
    hasher.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Checkpoint {
        let tensor = HostTensor {
            dtype: Dtype::F32,
            shape: [2, 1, 3],
            bytes: (0..6)
                .flat_map(|value| (value as f32).to_le_bytes())
                .collect(),
        };
        let tensors = HashMap::from([("raw.w".to_string(), tensor)]);
        Checkpoint::new(
            5,
            vec![0, 1],
            vec![None, Some(3)],
            vec![2],
            "plan".into(),
            tensors,
        )
    }

    #[test]
    fn a_checkpoint_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        sample().write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), sample());
        let second = sample().tensors["raw.w"].members(1, 1);
        assert_eq!(second.bytes[..4], 3.0f32.to_le_bytes());
        let mut swapped = sample().tensors["raw.w"].of_members(2);
        swapped.set_member(0, &sample().tensors["raw.w"], 1);
        assert_eq!(swapped.members(0, 1), second);
        assert_eq!(swapped.members(1, 1).bytes, [0; 12]);
    }

    #[test]
    fn truncated_corrupted_and_foreign_files_say_so() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("checkpoint.safetensors");
        sample().write(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        *flipped.last_mut().unwrap() ^= 1;
        for (bytes, reason) in [
            (&whole[..whole.len() - 4], "truncated"),
            (&whole[..3], "truncated"),
            (&flipped[..], "corrupted"),
            (b"{}{}{}{}{}{}{}{}{}", "not a safetensors file"),
        ] {
            fs::write(&path, bytes).unwrap();
            let error = Checkpoint::read(&path).unwrap_err().to_string();
            assert!(
                error.contains(reason) && error.contains("checkpoint.safetensors"),
                "{error}"
            );
        }
        let error = sample()
            .tensor(&path, "raw.w", [2, 1, 4])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("shape [2, 1, 3], but the recipe needs [2, 1, 4]"),
            "{error}"
        );
    }
}
