//! The values of terms and their weighted sum, from Burn's own operations on any device.
//!
//! Inside, the batch is the last axis (`[E, terms, d, B]`): loops over 4 vectors or d components
//! would be too short to be fast. Against one small matrix product per state and level, this took
//! under half the time for d = 2 and as much for d = 6 (flex, one core; `examples/cost.rs`).

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};
use mass_lanes::InstructionSet;

use crate::{
    Base, Derivatives, Error, InverseShift, Library, Mask,
    derivatives::shape,
    op,
    plan::{Keep, Plan, Tree},
};

/// What the shared layer makes of the terms.
#[derive(Debug, Clone)]
pub struct TermSum {
    /// Σ_i w_i t_i, `[E, B, d]`: the predicted ẏ.
    pub prediction: Tensor<3>,
    /// Σ |w_i t_i| over batch, terms and components, `[E]`: ‖a‖₁ of the activation penalty.
    pub activation_l1: Tensor<1>,
}

/// The values of all terms of a library, `[E, B, T, d]`, with the shift b `[E]` in the inverses
/// pinv(A + b I), or as [`InverseShift`] says; differentiable in the derivatives and in b (Fu et al. 2025, Eq. 4).
///
/// # Errors
///
/// [`Error::Shape`] or [`Error::Precision`] for a tensor that does not fit,
/// [`Error::MissingSymbol`] for a symbol of one's own without a value.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use mass_terms::{DerivativeTensors, Derivatives, Library, evaluate};
///
/// let device = Device::flex();
/// let vector = |v: f32| Tensor::<3>::full([1, 1, 1], v, &device);
/// let matrix = |v: f32| Tensor::<4>::full([1, 1, 1, 1], v, &device);
/// let derivatives = Derivatives::new(DerivativeTensors {
///     x: vector(1.0),
///     y: vector(2.0),
///     s_x: vector(3.0),
///     s_y: vector(4.0),
///     s_xx: matrix(5.0),
///     s_yy: matrix(8.0),
///     s_xy: matrix(7.0),
/// })?;
/// let library = Library::standard();
/// let terms = evaluate(&library, &derivatives, Tensor::zeros([1], &device))?; // [E, B, T, d]
/// let value = terms.narrow(2, library.find("Syy^-1 Sxy y")?, 1).into_scalar::<f32>();
/// assert_eq!(value, 7.0 * 2.0 / 8.0);
/// # Ok::<(), mass_terms::Error>(())
/// ```
pub fn evaluate(
    library: &Library,
    derivatives: &Derivatives,
    shift: impl Into<InverseShift<Tensor<1>>>,
) -> Result<Tensor<4>, Error> {
    let shift = shift.into();
    let [e, batch, d] = check(derivatives, &shift.b)?;
    let plan = library.plan(&Mask::all(library.len()));
    let factors = Factors::new(&plan, derivatives, &shift)?;
    let device = factors.vectors.device();
    let (values, tree) = if d == 1 {
        let words = factors.words(&plan.words); // [E, words, B]
        let count = words.dims()[1];
        let vectors = factors.vectors.reshape([e, 1, plan.vectors.len(), batch]);
        let values = words.reshape([e, count, 1, batch]) * vectors;
        (
            values.reshape([e, count * plan.vectors.len(), 1, batch]),
            &plan.words,
        )
    } else {
        (
            Tensor::cat(factors.suffixes(&plan.suffixes), 1),
            &plan.suffixes,
        )
    };
    let mut at = vec![0; library.len()];
    for (slot, term) in tree.held().enumerate() {
        if let Some(term) = term {
            at[term] = slot;
        }
    }
    let in_order = at.iter().copied().eq(0..values.dims()[1]);
    let values = select(values, Some(&at).filter(|_| !in_order), &device);
    Ok(values.permute([0, 3, 1, 2]))
}

/// Σ_i w_i t_i over the terms that the mask leaves on, and Σ |w_i t_i|, with b `[E]` ([`InverseShift`]) and `w`
/// `[E, T]`; differentiable in the derivatives, b and w (Fu et al. 2025, Eq. 5; the sum of sizes
/// is what λ₂ of its Table 3 weighs).
///
/// A term that is off contributes exactly zero to both and its weight has zero gradient, whatever
/// its value: it is not computed, unless it shares all its factors with terms that are on. A member
/// depends on its own numbers alone, bit for bit.
///
/// On the flex device this is one fused operation with a reverse pass of its own; elsewhere it is
/// composed of Burn's operations ([`term_sum_composed`]), which is its specification.
///
/// # Errors
///
/// As [`evaluate`], and [`Error::TermCount`] if the mask is not of the library's length.
///
/// # Example
///
/// ```
/// use burn::tensor::{Device, Tensor};
/// use mass_terms::{DerivativeTensors, Derivatives, Library, Mask, term_sum};
///
/// // S = ½y² − ½x² at (x, y) = (0.5, 2): Euler–Lagrange says ẏ = −x.
/// let device = Device::flex();
/// let vector = |v: f32| Tensor::<3>::full([1, 1, 1], v, &device);
/// let matrix = |v: f32| Tensor::<4>::full([1, 1, 1, 1], v, &device);
/// let derivatives = Derivatives::new(DerivativeTensors {
///     x: vector(0.5),
///     y: vector(2.0),
///     s_x: vector(-0.5),
///     s_y: vector(2.0),
///     s_xx: matrix(-1.0),
///     s_yy: matrix(1.0),
///     s_xy: matrix(0.0),
/// })?;
/// let library = Library::standard();
/// let mut weights = [0.0_f32; 172];
/// weights[library.find("Syy^-1 Sx")?] = 1.0;
/// weights[library.find("Syy^-1 Sxy y")?] = -1.0;
/// let w = Tensor::<1>::from_floats(weights, &device).reshape([1, 172]);
/// let sum = term_sum(&library, &Mask::released(&library), &derivatives, Tensor::zeros([1], &device), w)?;
/// assert_eq!(sum.prediction.into_scalar::<f32>(), -0.5);
/// assert_eq!(sum.activation_l1.into_scalar::<f32>(), 0.5);
/// # Ok::<(), mass_terms::Error>(())
/// ```
pub fn term_sum(
    library: &Library,
    mask: &Mask,
    derivatives: &Derivatives,
    shift: impl Into<InverseShift<Tensor<1>>>,
    w: Tensor<2>,
) -> Result<TermSum, Error> {
    term_sum_on(
        InstructionSet::current(),
        library,
        mask,
        derivatives,
        shift,
        w,
    )
}

/// [`term_sum`] from Burn's own operations on every device: the specification of the fused form, and
/// what devices without one compute.
///
/// # Errors
///
/// As [`term_sum`].
pub fn term_sum_composed(
    library: &Library,
    mask: &Mask,
    derivatives: &Derivatives,
    shift: impl Into<InverseShift<Tensor<1>>>,
    w: Tensor<2>,
) -> Result<TermSum, Error> {
    let shift = shift.into();
    check_sum(library, mask, derivatives, &shift.b, &w)?;
    composed(&library.plan(mask), derivatives, &shift, w)
}

/// The fused [`term_sum`] with the instructions of one set; composed where the device has no fused
/// form. For tests.
///
/// # Errors
///
/// As [`term_sum`].
#[doc(hidden)]
pub fn term_sum_on(
    set: InstructionSet,
    library: &Library,
    mask: &Mask,
    derivatives: &Derivatives,
    shift: impl Into<InverseShift<Tensor<1>>>,
    w: Tensor<2>,
) -> Result<TermSum, Error> {
    let shift = shift.into();
    check_sum(library, mask, derivatives, &shift.b, &w)?;
    let plan = library.plan(mask);
    if op::serves(derivatives) && !plan.vectors.is_empty() {
        let (prediction, activation_l1) = op::term_sum(set, plan, derivatives, shift, w)?;
        return Ok(TermSum {
            prediction,
            activation_l1,
        });
    }
    composed(&plan, derivatives, &shift, w)
}

fn check_sum(
    library: &Library,
    mask: &Mask,
    derivatives: &Derivatives,
    b: &Tensor<1>,
    w: &Tensor<2>,
) -> Result<(), Error> {
    let [e, _, _] = check(derivatives, b)?;
    mask.of_length(library.len())?;
    if w.dims() != [e, library.len()] {
        return Err(shape(
            "w",
            &w.dims(),
            format!("[E, T] = {:?}", [e, library.len()]),
        ));
    }
    derivatives.same_precision("w", w)
}

fn composed(
    plan: &Plan,
    derivatives: &Derivatives,
    shift: &InverseShift<Tensor<1>>,
    w: Tensor<2>,
) -> Result<TermSum, Error> {
    let [e, batch, d] = derivatives.dims();
    if plan.vectors.is_empty() {
        let zero = w.mul_scalar(0.0).sum_dim(1);
        return Ok(TermSum {
            prediction: zero.clone().reshape([e, 1, 1]).expand([e, batch, d]),
            activation_l1: zero.reshape([e]),
        });
    }
    let factors = Factors::new(plan, derivatives, shift)?;
    if d == 1 {
        // t_ij = L_i V_j, so neither output needs the T × B products one by one:
        // Σ_ij w_ij L_i V_j = Σ_j V_j (wᵀL)_j and Σ_B |w_ij L_i V_j| = |w_ij| (|L| |V|ᵀ)_ij.
        let words = factors.words(&plan.words); // L, [E, words, B]
        let vectors = factors.vectors.reshape([e, plan.vectors.len(), batch]); // V
        let w = weights(w, &plan.words).reshape([e, words.dims()[1], plan.vectors.len()]);
        let sums = w.clone().swap_dims(1, 2).matmul(words.clone()); // [E, vectors, B]
        let sizes = words.abs().matmul(vectors.clone().abs().swap_dims(1, 2)); // [E, words, vectors]
        return Ok(TermSum {
            prediction: (sums * vectors).sum_dim(1).reshape([e, batch, 1]),
            activation_l1: weighted(sizes.flatten(1, 2), w.flatten(1, 2), &plan.words),
        });
    }
    let w = weights(w, &plan.suffixes); // [E, slots]
    let mut start = 0;
    let (mut prediction, mut sizes): (Option<Tensor<3>>, Vec<Tensor<2>>) = (None, Vec::new());
    for level in factors.suffixes(&plan.suffixes) {
        let slots = level.dims()[1];
        let row = w.clone().narrow(1, start, slots).reshape([e, 1, slots]);
        start += slots;
        let values = level.reshape([e, slots, d * batch]);
        sizes.push(values.clone().abs().sum_dim(2).reshape([e, slots]));
        let part = row.matmul(values);
        prediction = Some(match prediction {
            None => part,
            Some(sum) => sum + part,
        });
    }
    let prediction = prediction.expect("a term is on, so a level holds one");
    Ok(TermSum {
        prediction: prediction.reshape([e, d, batch]).swap_dims(1, 2),
        activation_l1: weighted(Tensor::cat(sizes, 1), w, &plan.suffixes),
    })
}

/// Σ |w| size over the slots that hold a term, `[E]`, from two `[E, slots]`.
fn weighted(sizes: Tensor<2>, w: Tensor<2>, tree: &Tree) -> Tensor<1> {
    let e = w.dims()[0];
    let off: Vec<bool> = tree.held().map(|term| term.is_none()).collect();
    // The weight of an empty slot is 0, but its size may be infinite.
    let sizes = if off.contains(&true) {
        let device = sizes.device();
        keep(sizes, &Keep::Blank(off), &device)
    } else {
        sizes
    };
    (sizes * w.abs()).sum_dim(1).reshape([e])
}

fn check(derivatives: &Derivatives, b: &Tensor<1>) -> Result<[usize; 3], Error> {
    let dims = derivatives.dims();
    if b.dims() != [dims[0]] {
        return Err(shape("b", &b.dims(), format!("[E] = [{}]", dims[0])));
    }
    derivatives.same_precision("b", b)?;
    Ok(dims)
}

/// Columns of w `[E, T]` by slot, `[E, slots]`, zero where a slot holds no term.
fn weights(w: Tensor<2>, tree: &Tree) -> Tensor<2> {
    let [e, terms] = w.dims();
    let slots: Vec<usize> = tree.held().map(|term| term.unwrap_or(terms)).collect();
    if slots.iter().copied().eq(0..terms) {
        return w;
    }
    let device = w.device();
    let zero = Tensor::zeros([e, 1], (&device, w.dtype()));
    select(Tensor::cat(vec![w, zero], 1), Some(&slots), &device)
}

/// Rows `indices` of axis 1; all where there are none.
fn select<const D: usize>(
    values: Tensor<D>,
    indices: Option<&Vec<usize>>,
    device: &Device,
) -> Tensor<D> {
    match indices {
        None => values,
        Some(indices) => {
            let indices: Vec<i32> = indices.iter().map(|&index| index as i32).collect();
            values.select(1, Tensor::<1, Int>::from_ints(indices.as_slice(), device))
        }
    }
}

/// What is kept of a product, along axis 1.
fn keep<const D: usize>(product: Tensor<D>, keep: &Keep, device: &Device) -> Tensor<D> {
    match keep {
        Keep::All => product,
        Keep::Select(indices) => select(product, Some(indices), device),
        Keep::Blank(off) => {
            let shape = product.dims();
            let mut column = [1; D];
            column[1] = off.len();
            let off =
                Tensor::<1, Bool>::from_data(TensorData::new(off.clone(), [off.len()]), device);
            product.mask_fill(off.reshape(column).expand(shape), 0)
        }
    }
}

/// The vectors and matrices that a plan needs, the batch last.
struct Factors {
    /// `[E, vectors, d, B]`.
    vectors: Tensor<4>,
    /// `[E, matrices, d, d, B]`; none where every term is a bare vector.
    matrices: Option<Tensor<5>>,
}

impl Factors {
    fn new(
        plan: &Plan,
        derivatives: &Derivatives,
        shift: &InverseShift<Tensor<1>>,
    ) -> Result<Self, Error> {
        let [e, batch, d] = derivatives.dims();
        let channels = derivatives.channels();
        let mut rows = Vec::with_capacity(plan.vectors.len() * d);
        for vector in &plan.vectors {
            let first = channels.vector(vector)?;
            rows.extend(first..first + d);
        }
        let vectors = derivatives
            .rows(&rows)
            .reshape([e, plan.vectors.len(), d, batch]);

        let stack = |bases: &[Base]| -> Result<Option<Tensor<5>>, Error> {
            let mut rows = Vec::with_capacity(bases.len() * d * d);
            for base in bases {
                rows.extend(channels.matrix(base)?);
            }
            let shape = [e, bases.len(), d, d, batch];
            Ok((!rows.is_empty()).then(|| derivatives.rows(&rows).reshape(shape)))
        };
        let plain = stack(&plan.plain)?;
        let inverted = if plan.inverted == plan.plain {
            plain.clone()
        } else {
            stack(&plan.inverted)?
        };
        let inverted = match inverted {
            None => None,
            Some(a) => {
                let count = plan.inverted.len();
                let stack = a.permute([0, 1, 4, 2, 3]).reshape([e, count * batch, d, d]);
                let inverse = shift.inverses(stack)?.reshape([e, count, batch, d, d]);
                Some(inverse.permute([0, 1, 3, 4, 2]))
            }
        };
        let matrices = cat(plain.into_iter().chain(inverted).collect());
        Ok(Self { vectors, matrices })
    }

    /// The products of matrices of each level that holds a term, for d = 1: `[E, words, B]`.
    fn words(&self, tree: &Tree) -> Tensor<3> {
        let [e, _, _, batch] = self.vectors.dims();
        let device = self.vectors.device();
        let table = self.matrices.clone().map(|table| {
            let count = table.dims()[1];
            table.reshape([e, count, batch])
        });
        let mut levels: Vec<Option<Tensor<3>>> = vec![None]; // the empty product, made when needed
        for (depth, level) in tree.levels.iter().enumerate() {
            let table = table.clone().expect("a level has matrices");
            let leads = select(table, level.leads.as_ref(), &device);
            let product =
                match &levels[depth] {
                    None => leads,
                    Some(before) => {
                        let parents = select(before.clone(), level.parents.as_ref(), &device);
                        let (m, s) = (leads.dims()[1], parents.dims()[1]);
                        (leads.reshape([e, m, 1, batch]) * parents.reshape([e, 1, s, batch]))
                            .reshape([e, m * s, batch])
                    }
                };
            levels.push(Some(keep(product, &level.keep, &device)));
        }
        let dtype = self.vectors.dtype();
        let held = tree.holding().map(|level| {
            let ones = || Tensor::ones([e, 1, batch], (&device, dtype));
            levels[level].clone().unwrap_or_else(ones)
        });
        cat(held.collect()).expect("a term is on, so a level holds one")
    }

    /// The values of each level that holds a term, for d > 1: `[E, nodes, d, B]` each.
    fn suffixes(&self, tree: &Tree) -> Vec<Tensor<4>> {
        let device = self.vectors.device();
        let mut levels = vec![self.vectors.clone()];
        for (depth, level) in tree.levels.iter().enumerate() {
            let table = self.matrices.clone().expect("a level has matrices");
            let leads = select(table, level.leads.as_ref(), &device);
            let parents = select(levels[depth].clone(), level.parents.as_ref(), &device);
            levels.push(keep(apply(leads, parents), &level.keep, &device));
        }
        tree.holding().map(|level| levels[level].clone()).collect()
    }
}

/// Every matrix `[E, m, d, d, B]` times every vector `[E, s, d, B]`: `[E, m · s, d, B]`.
fn apply(matrices: Tensor<5>, vectors: Tensor<4>) -> Tensor<4> {
    let [e, m, d, _, batch] = matrices.dims();
    let s = vectors.dims()[1];
    let mut sum: Option<Tensor<5>> = None;
    for k in 0..d {
        let column = matrices
            .clone()
            .narrow(3, k, 1)
            .reshape([e, m, 1, d, batch]);
        let component = vectors.clone().narrow(2, k, 1).reshape([e, 1, s, 1, batch]);
        let product = column * component;
        sum = Some(match sum {
            None => product,
            Some(sum) => sum + product,
        });
    }
    sum.expect("d is at least 1").reshape([e, m * s, d, batch])
}

fn cat<const D: usize>(mut parts: Vec<Tensor<D>>) -> Option<Tensor<D>> {
    if parts.len() < 2 {
        parts.pop()
    } else {
        Some(Tensor::cat(parts, 1))
    }
}
