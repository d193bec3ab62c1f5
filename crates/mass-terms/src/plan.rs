//! How to evaluate a set of terms with shared factors computed once.
//!
//! The terms are closed under dropping the first matrix, so that A₂ v is computed once for all
//! A₁ A₂ v. A level of the closed set is computed as the Cartesian product of its matrices with the
//! part of the level before that it needs: one large operation rather than many small ones.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use crate::{Base, Mask, Matrix, Term, Vector};

/// What the active terms of a library are made of and in which order they are computed.
pub(crate) struct Plan {
    /// The vectors that occur.
    pub(crate) vectors: Vec<Vector>,
    /// The matrices that occur as they are; they come first in the table of matrices.
    pub(crate) plain: Vec<Base>,
    /// The matrices that occur inverted; they follow in the table.
    pub(crate) inverted: Vec<Base>,
    /// For d = 1, where a term is (product of matrices) × vector: the products of matrices, from
    /// the empty one. Slots are numbered product-major, vector-minor.
    pub(crate) words: Tree,
    /// For d > 1: the terms themselves, from the bare vectors.
    pub(crate) suffixes: Tree,
    /// The terms that are on, by the numbers of their factors.
    pub(crate) terms: Vec<Factored>,
    /// What backends' kernels have made of it ([`Plan::prepared`]).
    prepared: Mutex<Vec<Arc<dyn Any + Send + Sync>>>,
}

/// A term that is on, by the numbers of its factors.
pub(crate) struct Factored {
    /// Its index in the library.
    pub(crate) term: usize,
    /// Its matrices, outermost first, by their places in the table.
    pub(crate) matrices: Vec<usize>,
    /// Its vector, by its place among [`Plan::vectors`].
    pub(crate) vector: usize,
}

/// A closed set of products, level by level, each node a matrix times a node of the level before.
pub(crate) struct Tree {
    /// Level 0 is given and has no entry here.
    pub(crate) levels: Vec<Level>,
    /// For each level, from 0, and each slot in it: the index of the term that it holds, if any.
    pub(crate) slots: Vec<Vec<Option<usize>>>,
}

/// One Cartesian product and what is kept of it. `None` means: all, in order.
#[derive(Debug)]
pub(crate) struct Level {
    /// Which of the table's matrices come in front.
    pub(crate) leads: Option<Vec<usize>>,
    /// Which nodes of the level before come behind.
    pub(crate) parents: Option<Vec<usize>>,
    /// Which of leads × parents are wanted.
    pub(crate) keep: Keep,
}

/// What happens to a product of which only a part is wanted.
#[derive(Debug, PartialEq)]
pub(crate) enum Keep {
    /// All of it is wanted.
    All,
    /// More than half is wanted: the rest stays, overwritten with zeros, so that it cannot turn a
    /// sum into NaN. Cheaper than a selection, whose reverse pass scatters.
    Blank(Vec<bool>),
    /// Less is wanted: these indices of it.
    Select(Vec<usize>),
}

impl Plan {
    pub(crate) fn new(terms: &[Term], mask: &Mask) -> Self {
        let active: Vec<(usize, &Term)> =
            mask.active().map(|index| (index, &terms[index])).collect();
        let vectors = distinct(active.iter().map(|(_, term)| &term.vector));
        let used = |inverse: bool| {
            let matrices = active.iter().flat_map(|(_, term)| &term.matrices);
            distinct(matrices.filter(|m| m.inverse == inverse).map(|m| &m.base))
        };
        let (plain, inverted) = (used(false), used(true));
        let table: Vec<Matrix> = plain
            .iter()
            .cloned()
            .map(Matrix::new)
            .chain(inverted.iter().cloned().map(Matrix::inverse_of))
            .collect();
        let terms: Vec<Factored> = active
            .iter()
            .map(|(index, term)| Factored {
                term: *index,
                matrices: term.matrices.iter().map(|m| position(&table, m)).collect(),
                vector: position(&vectors, &term.vector),
            })
            .collect();

        let (mut words, mut suffixes) = (BTreeMap::new(), BTreeMap::new());
        for term in &terms {
            words
                .entry(Node {
                    matrices: term.matrices.clone(),
                    root: 0,
                })
                .or_insert_with(|| vec![None; vectors.len()])[term.vector] = Some(term.term);
            suffixes.insert(
                Node {
                    matrices: term.matrices.clone(),
                    root: term.vector,
                },
                vec![Some(term.term)],
            );
        }
        Self {
            words: Tree::new(words, 1, table.len(), vectors.len()),
            suffixes: Tree::new(suffixes, vectors.len(), table.len(), 1),
            terms,
            prepared: Mutex::default(),
            vectors,
            plain,
            inverted,
        }
    }

    /// What kernels make of the plan before they run, made once for each type: so the plan need not
    /// know which kernels there are.
    pub(crate) fn prepared<S: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> S) -> Arc<S> {
        let mut prepared = self.prepared.lock().unwrap_or_else(PoisonError::into_inner);
        let known = prepared
            .iter()
            .find_map(|known| known.clone().downcast::<S>().ok());
        known.unwrap_or_else(|| {
            let made = Arc::new(make(self));
            prepared.push(made.clone());
            made
        })
    }
}

/// A product of matrices of the table, outermost first, with a root.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    matrices: Vec<usize>,
    root: usize,
}

impl Tree {
    /// The closure of `wanted`, whose nodes hold `width` slots each.
    fn new(
        wanted: BTreeMap<Node, Vec<Option<usize>>>,
        roots: usize,
        matrices: usize,
        width: usize,
    ) -> Self {
        let depth = wanted
            .keys()
            .map(|node| node.matrices.len())
            .max()
            .unwrap_or(0);
        let mut closed: Vec<BTreeSet<Node>> = vec![BTreeSet::new(); depth + 1];
        for node in wanted.keys() {
            for start in 0..node.matrices.len() {
                let suffix = Node {
                    matrices: node.matrices[start..].to_vec(),
                    root: node.root,
                };
                closed[suffix.matrices.len()].insert(suffix);
            }
        }
        let mut nodes: Vec<Node> = (0..roots)
            .map(|root| Node {
                matrices: Vec::new(),
                root,
            })
            .collect();
        let slots_of = |nodes: &[Node]| -> Vec<Option<usize>> {
            nodes
                .iter()
                .flat_map(|node| {
                    wanted
                        .get(node)
                        .cloned()
                        .unwrap_or_else(|| vec![None; width])
                })
                .collect()
        };
        let mut slots = vec![slots_of(&nodes)];
        let mut levels = Vec::with_capacity(depth);
        for level in &closed[1..] {
            let parent_of = |node: &Node| Node {
                matrices: node.matrices[1..].to_vec(),
                root: node.root,
            };
            let before = nodes.len();
            let leads: BTreeSet<usize> = level.iter().map(|node| node.matrices[0]).collect();
            let parents: BTreeSet<usize> = level
                .iter()
                .map(|node| position(&nodes, &parent_of(node)))
                .collect();
            let product: Vec<Node> = leads
                .iter()
                .flat_map(|&lead| parents.iter().map(move |&parent| (lead, parent)))
                .map(|(lead, parent)| {
                    let behind = &nodes[parent];
                    let matrices = std::iter::once(lead).chain(behind.matrices.iter().copied());
                    Node {
                        matrices: matrices.collect(),
                        root: behind.root,
                    }
                })
                .collect();
            let wanted: Vec<bool> = product.iter().map(|node| level.contains(node)).collect();
            let keep: Vec<usize> = (0..product.len()).filter(|&i| wanted[i]).collect();
            let keep = match keep.len() {
                count if count == product.len() => Keep::All,
                count if 2 * count > product.len() => {
                    Keep::Blank(wanted.into_iter().map(|wanted| !wanted).collect())
                }
                _ => Keep::Select(keep),
            };
            nodes = match &keep {
                Keep::Select(keep) => keep.iter().map(|&i| product[i].clone()).collect(),
                _ => product,
            };
            levels.push(Level {
                leads: unless_all(leads.into_iter().collect(), matrices),
                parents: unless_all(parents.into_iter().collect(), before),
                keep,
            });
            slots.push(slots_of(&nodes));
        }
        Self { levels, slots }
    }

    /// The levels that hold a term.
    pub(crate) fn holding(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.slots.len()).filter(|&level| self.slots[level].iter().any(Option::is_some))
    }

    /// The slots of the levels that hold a term, one after the other.
    pub(crate) fn held(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        self.holding()
            .flat_map(|level| self.slots[level].iter().copied())
    }
}

fn unless_all(indices: Vec<usize>, count: usize) -> Option<Vec<usize>> {
    (indices.len() < count).then_some(indices)
}

fn distinct<'a, T: PartialEq + Clone + 'a>(items: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut seen: Vec<T> = Vec::new();
    for item in items {
        if !seen.contains(item) {
            seen.push(item.clone());
        }
    }
    seen
}

fn position<T: PartialEq>(items: &[T], item: &T) -> usize {
    items
        .iter()
        .position(|other| other == item)
        .expect("collected from the same terms")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Library;

    #[test]
    fn the_standard_library_is_three_full_products_in_order() {
        let library = Library::standard();
        let plan = Plan::new(library.terms(), &Mask::all(172));
        for tree in [&plan.words, &plan.suffixes] {
            assert_eq!(tree.levels.len(), 2);
            for level in &tree.levels {
                assert!(
                    level.leads.is_none() && level.parents.is_none() && level.keep == Keep::All
                );
            }
            assert!(tree.held().eq((0..172).map(Some)));
        }
    }

    #[test]
    fn the_released_mask_blanks_what_is_off() {
        let library = Library::standard();
        let plan = Plan::new(library.terms(), &Mask::released(&library));
        let Keep::Blank(off) = &plan.words.levels[1].keep else {
            panic!("words")
        };
        assert_eq!((off.len(), off.iter().filter(|&&off| off).count()), (36, 6));
        let Keep::Blank(off) = &plan.suffixes.levels[1].keep else {
            panic!("suffixes")
        };
        assert_eq!(
            (off.len(), off.iter().filter(|&&off| off).count()),
            (144, 24)
        );
        assert_eq!(plan.words.held().flatten().count(), 146);
        assert_eq!(plan.suffixes.held().flatten().count(), 146);
    }

    #[test]
    fn a_sparse_mask_computes_only_what_it_needs() {
        let library = Library::standard();
        let mask = Mask::only(&library, &["Syy^-1 Sx", "Syy^-1 Sxy y"]).unwrap();
        let plan = Plan::new(library.terms(), &mask);
        assert_eq!(plan.vectors, [Vector::Sx, Vector::Y]);
        assert_eq!((plan.plain.len(), plan.inverted.len()), (1, 1));
        // Level 1 is {Sxy y, Syy^-1 Sx}, half of the 2 × 2 product, and level 2 one term.
        assert_eq!(plan.suffixes.slots[1], [None, Some(22)]);
        assert_eq!(plan.suffixes.slots[2], [Some(133)]);
        assert!(plan.suffixes.holding().eq([1, 2]));
    }
}
