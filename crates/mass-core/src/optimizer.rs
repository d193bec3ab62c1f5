//! AdamW and the moving average over rows of parameters, `[E, ·]`.
//!
//! Where tensors lie on the host, both are one pass over their numbers, to the bits that Burn's operations give, which take
//! a pass and a tensor for each.

use burn::{
    optim::{AdamW, AdamWConfig, AdamWState, AdaptiveMomentumState, Optimizer as _},
    tensor::{Bool, DType, Element, Tensor, TensorData},
};
use num_traits::Float;

use crate::OptimizerRecipe;

/// AdamW with its moments, one per row; `None` until the row has had a gradient, as in PyTorch, where
/// a parameter without gradient is neither moved nor decayed.
pub(crate) struct Optimizer {
    adamw: AdamW,
    recipe: OptimizerRecipe,
    pub(crate) moments: Vec<Option<Moments>>,
}

/// First and second moment of a row, `[E, ·]`, and the updates since the last restart.
#[derive(Clone)]
pub(crate) struct Moments {
    pub(crate) first: Tensor<2>,
    pub(crate) second: Tensor<2>,
    pub(crate) updates: usize,
}

impl Optimizer {
    pub(crate) fn new(recipe: &OptimizerRecipe, rows: usize) -> Self {
        let adamw = AdamWConfig::new()
            .with_beta_1(recipe.beta_1 as f32)
            .with_beta_2(recipe.beta_2 as f32)
            .with_epsilon(recipe.epsilon as f32)
            .with_weight_decay(recipe.weight_decay as f32)
            .build();
        Self {
            adamw,
            recipe: recipe.clone(),
            moments: vec![None; rows],
        }
    }

    /// Forgets all moments.
    pub(crate) fn restart(&mut self) {
        self.moments.fill_with(|| None);
    }

    /// The updated value of row `index`; members that are `frozen` `[E, 1]` stay as they are.
    pub(crate) fn step(
        &mut self,
        index: usize,
        factor: f64,
        value: Tensor<2>,
        gradient: Tensor<2>,
        frozen: Option<&Tensor<2, Bool>>,
    ) -> Tensor<2> {
        let rate = self.recipe.learning_rate * factor;
        let before = self.moments[index].take();
        let row = [value, gradient];
        let on_host = mass_jet::has_kernels(&row[0].device());
        let (updated, moments) = match (on_host, row[0].dtype()) {
            (false, _) => self.composed(rate, row, before, frozen),
            (true, DType::F64) => self.on_host::<f64>(rate, row, before, frozen),
            (true, _) => self.on_host::<f32>(rate, row, before, frozen),
        };
        self.moments[index] = Some(moments);
        updated
    }

    /// By Burn's operations, on any device.
    fn composed(
        &self,
        learning_rate: f64,
        [value, gradient]: [Tensor<2>; 2],
        before: Option<Moments>,
        frozen: Option<&Tensor<2, Bool>>,
    ) -> (Tensor<2>, Moments) {
        let state = before.clone().map(|moments| {
            let momentum =
                AdaptiveMomentumState::new(moments.updates, moments.first, moments.second);
            AdamWState::new(momentum)
        });
        let (updated, state) = self
            .adamw
            .step(learning_rate, value.clone(), gradient, state);
        let momentum = state.expect("AdamW always returns its state").momentum;
        let mut moments = Moments {
            first: momentum.moment_1,
            second: momentum.moment_2,
            updates: momentum.time,
        };
        let Some(frozen) = frozen else {
            return (updated, moments);
        };
        let frozen = frozen.clone().expand(value.dims());
        let still = match before {
            Some(before) => (before.first, before.second),
            None => (value.zeros_like(), value.zeros_like()),
        };
        moments.first = moments.first.mask_where(frozen.clone(), still.0);
        moments.second = moments.second.mask_where(frozen.clone(), still.1);
        (updated.mask_where(frozen, value), moments)
    }

    /// In one pass over the numbers of the row, in the order of Burn's operations.
    fn on_host<T: Float + Element>(
        &self,
        learning_rate: f64,
        [value, gradient]: [Tensor<2>; 2],
        before: Option<Moments>,
        frozen: Option<&Tensor<2, Bool>>,
    ) -> (Tensor<2>, Moments) {
        let recipe = &self.recipe;
        let device = value.device();
        let shape = value.dims();
        let fresh = before.is_none();
        let updates = before.as_ref().map_or(0, |moments| moments.updates) + 1;
        // Moments that are not there yet are not taken for 0: 0 + (−0) is not −0.
        let (first, second) = match before {
            Some(moments) => (moments.first.into_data(), moments.second.into_data()),
            None => (
                value.zeros_like().into_data(),
                value.zeros_like().into_data(),
            ),
        };
        let mut new = [value.into_data(), first, second];
        let gradient = gradient.into_data();
        let frozen = frozen.map(members);

        let of = |value: f64| T::from(value).expect("a number");
        let (beta_1, beta_2) = (recipe.beta_1 as f32, recipe.beta_2 as f32);
        let power = updates as i32;
        let [keep_1, keep_2] = [beta_1, beta_2].map(|beta| of(f64::from(beta)));
        let [take_1, take_2] = [beta_1, beta_2].map(|beta| of(f64::from(1.0 - beta)));
        let [whole_1, whole_2] = [beta_1, beta_2].map(|beta| of(f64::from(1.0 - beta.powi(power))));
        let epsilon = of(f64::from(recipe.epsilon as f32));
        // Without decay it is a product with 1, which changes no bit.
        let decay = of(1.0 - learning_rate * f64::from(recipe.weight_decay as f32));
        let rate = of(learning_rate);

        let [values, first, second] = &mut new;
        let [values, first, second] = [values, first, second].map(numbers_mut::<T>);
        let gradient = gradient.as_slice::<T>().expect(OF_ONE_TYPE);
        let columns = shape[1].max(1);
        let rows = values
            .chunks_exact_mut(columns)
            .zip(gradient.chunks_exact(columns))
            .zip(first.chunks_exact_mut(columns))
            .zip(second.chunks_exact_mut(columns));
        for (member, (((values, gradient), first), second)) in rows.enumerate() {
            if frozen.as_ref().is_some_and(|frozen| frozen[member]) {
                continue;
            }
            let numbers = values.iter_mut().zip(gradient).zip(first).zip(second);
            for (((value, gradient), first), second) in numbers {
                let (one, two) = (*gradient * take_1, *gradient * *gradient * take_2);
                (*first, *second) = match fresh {
                    true => (one, two),
                    false => (*first * keep_1 + one, *second * keep_2 + two),
                };
                let step = (*first / whole_1) / ((*second / whole_2).sqrt() + epsilon);
                *value = *value * decay - step * rate;
            }
        }
        let [value, first, second] = new.map(|data| Tensor::from_data(data, (&device, T::dtype())));
        let moments = Moments {
            first,
            second,
            updates,
        };
        (value, moments)
    }
}

const OF_ONE_TYPE: &str = "the tensors of a training are of one number type";

/// Of each member whether it is frozen.
fn members(frozen: &Tensor<2, Bool>) -> Vec<bool> {
    frozen.to_data().iter::<bool>().collect()
}

fn numbers_mut<T: Element>(data: &mut TensorData) -> &mut [T] {
    data.as_mut_slice().expect(OF_ONE_TYPE)
}

/// One step of the exponential moving average: decay · average + (1 − decay) · value; members that are `frozen` `[E, 1]`
/// stay as they are.
pub(crate) fn moving_average(
    average: Tensor<2>,
    value: Tensor<2>,
    decay: f64,
    frozen: Option<&Tensor<2, Bool>>,
) -> Tensor<2> {
    if mass_jet::has_kernels(&value.device()) {
        return match value.dtype() {
            DType::F64 => average_on_host::<f64>(average, value, decay, frozen),
            _ => average_on_host::<f32>(average, value, decay, frozen),
        };
    }
    average_composed(average, value, decay, frozen)
}

fn average_composed(
    average: Tensor<2>,
    value: Tensor<2>,
    decay: f64,
    frozen: Option<&Tensor<2, Bool>>,
) -> Tensor<2> {
    let updated = average.clone().mul_scalar(decay) + value.mul_scalar(1.0 - decay);
    match frozen {
        Some(frozen) => updated.mask_where(frozen.clone().expand(average.dims()), average),
        None => updated,
    }
}

fn average_on_host<T: Float + Element>(
    average: Tensor<2>,
    value: Tensor<2>,
    decay: f64,
    frozen: Option<&Tensor<2, Bool>>,
) -> Tensor<2> {
    let device = value.device();
    let columns = value.dims()[1].max(1);
    let frozen = frozen.map(members);
    let of = |value: f64| T::from(value).expect("a number");
    let (keep, take) = (of(decay), of(1.0 - decay));
    let mut new = average.into_data();
    let value = value.into_data();
    let value = value.as_slice::<T>().expect(OF_ONE_TYPE);
    let averages = numbers_mut::<T>(&mut new).chunks_exact_mut(columns);
    for (member, (average, value)) in averages.zip(value.chunks_exact(columns)).enumerate() {
        if frozen.as_ref().is_some_and(|frozen| frozen[member]) {
            continue;
        }
        for (average, value) in average.iter_mut().zip(value) {
            *average = *average * keep + *value * take;
        }
    }
    Tensor::from_data(new, (&device, T::dtype()))
}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;
    use rand::{Rng, RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;
    use crate::{DeviceKind, Recipe};

    const MEMBERS: usize = 3;
    const COLUMNS: usize = 37;

    /// Numbers of every size and both signs, zeros of both signs among them.
    fn numbers(random: &mut impl Rng) -> Vec<f64> {
        let one = |_| match random.random_range(0..8) {
            0 => 0.0,
            1 => -0.0,
            _ => {
                let size = random.random_range(-12.0_f64..4.0);
                random.random_range(-1.0..1.0) * 10.0_f64.powf(size)
            }
        };
        (0..MEMBERS * COLUMNS).map(one).collect()
    }

    /// As bits, so that −0 is not 0.
    fn bits(tensor: &Tensor<2>) -> Vec<u64> {
        let data = tensor.to_data();
        data.iter::<f64>().map(f64::to_bits).collect()
    }

    /// Twelve steps by Burn's operations and by ours, with a member frozen from the fourth on and a restart at the eighth.
    fn compare<T: Float + Element>(recipe: OptimizerRecipe, device: &Device) {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let tensor = |numbers: &[f64]| {
            let data = TensorData::new(numbers.to_vec(), [MEMBERS, COLUMNS]);
            Tensor::<2>::from_data(data.convert::<T>(), (device, T::dtype()))
        };
        let optimizer = Optimizer::new(&recipe, 1);
        let mut ours = tensor(&numbers(&mut random));
        let (mut theirs, mut our_average, mut their_average) =
            (ours.clone(), ours.clone(), ours.clone());
        let (mut our_moments, mut their_moments) = (None, None);
        for step in 0..12 {
            if step == 8 {
                (our_moments, their_moments) = (None, None);
            }
            let gradient = tensor(&numbers(&mut random));
            let frozen = (step >= 4).then(|| {
                let data = TensorData::new(vec![false, true, false], [MEMBERS, 1]);
                Tensor::<2, Bool>::from_data(data, device)
            });
            let rate = recipe.learning_rate * f64::from(step % 5);
            let row = [ours, gradient.clone()];
            let (value, moments) = optimizer.on_host::<T>(rate, row, our_moments, frozen.as_ref());
            (ours, our_moments) = (value, Some(moments));
            let row = [theirs, gradient];
            let (value, moments) = optimizer.composed(rate, row, their_moments, frozen.as_ref());
            (theirs, their_moments) = (value, Some(moments));
            our_average = average_on_host::<T>(our_average, ours.clone(), 0.97, frozen.as_ref());
            their_average = average_composed(their_average, theirs.clone(), 0.97, frozen.as_ref());
            assert_eq!(bits(&ours), bits(&theirs), "values at step {step}");
            assert_eq!(
                bits(&our_average),
                bits(&their_average),
                "averages at step {step}"
            );
            let (one, other) = (
                our_moments.as_ref().unwrap(),
                their_moments.as_ref().unwrap(),
            );
            assert_eq!(one.updates, other.updates);
            assert_eq!(bits(&one.first), bits(&other.first), "first at step {step}");
            assert_eq!(
                bits(&one.second),
                bits(&other.second),
                "second at step {step}"
            );
        }
    }

    #[test]
    fn a_pass_over_numbers_gives_the_bits_of_burns_operations() {
        let device = DeviceKind::Flex.open().unwrap();
        for recipe in [Recipe::reference(), Recipe::paper(), Recipe::general()] {
            compare::<f32>(recipe.optimizer.clone(), &device);
            compare::<f64>(recipe.optimizer.clone(), &device);
            let mut plain = recipe.optimizer;
            plain.weight_decay = 0.0;
            compare::<f32>(plain, &device);
        }
    }
}
