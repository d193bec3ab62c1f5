//! Quasi-Newton steps on all training states, once the schedule is through.

use std::{
    cell::{Cell, RefCell},
    sync::atomic::{AtomicBool, Ordering},
};

use argmin::{
    core::{CostFunction, Executor, Gradient, State as _},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};
use burn::tensor::{Tensor, TensorData};

use crate::{Batch, Error, FinishRecipe, MassModel, Objective, parameters::Values, tensors::host};

/// A cost that is not finite, for a line search to turn back from.
const BEYOND: f64 = 1e30;

/// Evaluations per iteration, at most, over the whole: a line search takes two or three.
const EVALUATIONS: usize = 4;

/// Why the search ended early.
#[derive(Debug, thiserror::Error)]
#[error("asked to stop, or out of evaluations")]
struct Ended;

/// A point, its cost and its gradient.
type Evaluated = (Vec<f64>, f64, Vec<f64>);

/// The error of one scientist over all training states, as a function of its parameters.
struct Problem<'a, M> {
    /// The model with these values.
    model: M,
    objective: Objective,
    batches: Vec<Batch>,
    /// The scientist's parameters, `[1, ·]` each, those that do not move among them.
    values: Values,
    /// Which rows move.
    moves: Vec<bool>,
    stop: &'a AtomicBool,
    left: Cell<usize>,
    /// The last point with its cost and gradient: cost and gradient are asked for one after the other.
    last: RefCell<Option<Evaluated>>,
    /// The best point so far and its cost.
    best: RefCell<(Vec<f64>, f64)>,
}

impl<M: Fn(&Values) -> Result<MassModel, Error>> Problem<'_, M> {
    /// The rows that move, one after the other.
    fn start(&self) -> Vec<f64> {
        let rows = self.values.rows.iter().zip(&self.moves);
        let moving = rows.filter(|(_, moves)| **moves);
        moving.flat_map(|(row, _)| host(row.clone())).collect()
    }

    /// The scientist at this point.
    fn at(&self, point: &[f64]) -> Values {
        let mut values = self.values.clone();
        let mut rest = point;
        for (row, _) in values.rows.iter_mut().zip(&self.moves).filter(|(_, m)| **m) {
            let (own, others) = rest.split_at(row.dims()[1]);
            rest = others;
            let data = TensorData::new(own.to_vec(), row.dims()).convert_dtype(row.dtype());
            *row = Tensor::from_data(data, (&row.device(), row.dtype()));
        }
        values
    }

    fn evaluate(&self, point: &[f64]) -> Result<(f64, Vec<f64>), argmin::core::Error> {
        if let Some((at, cost, gradient)) = &*self.last.borrow()
            && at == point
        {
            return Ok((*cost, gradient.clone()));
        }
        let left = self.left.get();
        if left == 0 || self.stop.load(Ordering::Relaxed) {
            return Err(Ended.into());
        }
        self.left.set(left - 1);
        let (cost, gradient) = self.fresh(point)?;
        if cost < self.best.borrow().1 {
            *self.best.borrow_mut() = (point.to_vec(), cost);
        }
        *self.last.borrow_mut() = Some((point.to_vec(), cost, gradient.clone()));
        Ok((cost, gradient))
    }

    fn fresh(&self, point: &[f64]) -> Result<(f64, Vec<f64>), Error> {
        let values = self.at(point).map(Tensor::from_inner, Tensor::from_inner);
        let model = (self.model)(&values)?;
        let losses = self.objective.losses(&model, &self.batches)?.total;
        let mut gradients = losses.clone().sum().backward();
        let rows = model.row_gradients(&mut gradients);
        let cost = host(losses.inner())[0];
        let gradient: Vec<f64> = rows
            .into_iter()
            .zip(&self.moves)
            .filter(|(_, moves)| **moves)
            .flat_map(|(row, _)| host(row.expect("what moves has a gradient")))
            .collect();
        Ok(
            match cost.is_finite() && gradient.iter().all(|g| g.is_finite()) {
                true => (cost, gradient),
                false => (BEYOND, vec![0.0; gradient.len()]),
            },
        )
    }
}

impl<M: Fn(&Values) -> Result<MassModel, Error>> CostFunction for &Problem<'_, M> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, point: &Vec<f64>) -> Result<f64, argmin::core::Error> {
        Ok(self.evaluate(point)?.0)
    }
}

impl<M: Fn(&Values) -> Result<MassModel, Error>> Gradient for &Problem<'_, M> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, point: &Vec<f64>) -> Result<Vec<f64>, argmin::core::Error> {
        Ok(self.evaluate(point)?.1)
    }
}

/// The rows of one scientist, `[1, ·]` each, after the search from `values`; none if it was asked to stop.
///
/// `model` makes the model of values, `batches` are all training states of the systems seen, one scientist each, on
/// the autodiff device.
pub(crate) fn finished(
    finish: &FinishRecipe,
    objective: &Objective,
    model: impl Fn(&Values) -> Result<MassModel, Error>,
    (values, moves): (Values, Vec<bool>),
    batches: Vec<Batch>,
    stop: &AtomicBool,
) -> Result<Option<Vec<Tensor<2>>>, Error> {
    let mut objective = objective.with_penalties(0.0);
    objective.lambda_b = 0.0;
    let problem = Problem {
        model,
        objective,
        batches,
        values,
        moves,
        stop,
        left: Cell::new(finish.iterations.saturating_mul(EVALUATIONS)),
        last: RefCell::default(),
        best: RefCell::new((Vec::new(), f64::INFINITY)),
    };
    let mut point = problem.start();
    let mut left = finish.iterations;
    // A line search that finds no way on in single precision ends with an error: once more from the best point,
    // with a curvature of its own, as long as that comes to something.
    while left > 0 {
        let before = problem.best.borrow().1;
        let search = LBFGS::new(MoreThuenteLineSearch::new(), finish.history);
        let run = Executor::new(&problem, search)
            .configure(|state| state.param(point).max_iters(left as u64))
            .timer(false)
            .run();
        match run {
            Ok(found) => left = left.saturating_sub(found.state.get_iter().max(1) as usize),
            Err(error) => match error.downcast::<Error>() {
                Ok(error) => return Err(error),
                Err(_) => left = left.min(problem.left.get() / EVALUATIONS),
            },
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let best = problem.best.borrow();
        if best.1 >= before * (1.0 - 1e-4) {
            break;
        }
        point = best.0.clone();
    }
    let best = problem.best.take().0;
    Ok(Some(match best.is_empty() {
        true => problem.values.rows, // not finite from the start
        false => problem.at(&best).rows,
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Precision, Recipe, Run, Trainer, TrainingSystem, WeightsKind};

    fn recipe() -> Recipe {
        let mut recipe = Recipe::modern().with_steps(40);
        recipe.name = "finished".to_string();
        recipe.data.train_states = 100;
        recipe.data.test_states = 100;
        recipe.data.batch = 32;
        let mlp = recipe.network.mlp_mut().unwrap();
        (mlp.hidden_layers, mlp.width) = (2, 10);
        recipe.finish = Some(FinishRecipe::new(15));
        recipe
    }

    fn systems(ids: &[&str]) -> Vec<TrainingSystem> {
        let all = ids.iter().map(|id| TrainingSystem::named(id).unwrap());
        all.collect()
    }

    fn bits(model: &MassModel) -> Vec<Vec<u64>> {
        let bits = |tensor| host::<3>(tensor).iter().map(|v| v.to_bits()).collect();
        model.tensors().into_iter().map(bits).collect()
    }

    #[test]
    fn it_lowers_the_error_and_leaves_the_weights_of_the_training_alone() {
        // Of networks without a scalar, which have no poles: on so few states a free scientist puts one between.
        let mut recipe = recipe().plain();
        let finished = Trainer::new(recipe.clone(), systems(&["pendulum"]), [3, 4]);
        let finished = finished.run().unwrap();
        recipe.finish = None;
        let plain = Trainer::new(recipe, systems(&["pendulum"]), [3, 4]);
        let plain = plain.run().unwrap();
        assert_eq!(bits(&finished.raw), bits(&plain.raw));
        let last = |metrics: &crate::Metrics| -> Vec<f64> {
            let step = metrics.rows.iter().map(|row| row.step).max();
            let rows = metrics.rows.iter().filter(|row| Some(row.step) == step);
            rows.map(|row| row.average.rmse()).collect()
        };
        let (with, without) = (last(&finished.metrics), last(&plain.metrics));
        for (with, without) in with.iter().zip(without) {
            assert!(*with < 0.7 * without, "{with} after, {without} before");
        }
    }

    #[test]
    fn a_scientist_is_the_same_alone_and_among_others_on_any_number_of_threads() {
        let ids = ["pendulum", "kepler"];
        let of = |seeds: Vec<u64>, threads| {
            let training = Trainer::new(recipe(), systems(&ids), seeds).threads(threads);
            training.run().unwrap().average
        };
        let (all, one) = (of(vec![0, 1, 2], 2), of(vec![1], 1));
        assert_eq!(bits(&all.members(&[1]).unwrap()), bits(&one));
    }

    #[test]
    fn one_that_is_broken_off_is_done_again_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, whole) = (folder.path().join("kept"), folder.path().join("whole"));
        let training = |at: &std::path::Path| {
            Trainer::new(recipe(), systems(&["pendulum"]), [0, 1]).directory(at)
        };
        let whole = training(&whole).run().unwrap();

        struct StopsIt(Arc<AtomicBool>);
        impl crate::Observer for StopsIt {
            fn on_event(&mut self, event: &crate::Event) {
                if matches!(event, crate::Event::Finishing { .. }) {
                    self.0.store(true, Ordering::Relaxed);
                }
            }
        }
        let flag = Arc::new(AtomicBool::new(false));
        let broken = training(&kept).stop_on(flag.clone()).observe(StopsIt(flag));
        let broken = broken.run().unwrap();
        let steps = recipe().schedule.phase_steps() as u64;
        assert_eq!((broken.completed, broken.interrupted), (steps - 1, true));
        assert_eq!(
            Run::open(&kept).unwrap().completed().unwrap(),
            Some(steps - 1)
        );

        let resumed = training(&kept).run().unwrap();
        assert!(!resumed.interrupted);
        assert_eq!(bits(&resumed.average), bits(&whole.average));
        let device = mass_jet::DeviceKind::Flex.open().unwrap();
        let run = Run::open(&kept).unwrap();
        let model = run.model(WeightsKind::Average, &device).unwrap();
        assert_eq!(bits(&model), bits(&whole.average));
    }

    #[test]
    fn with_a_theory_given_it_goes_on_in_double_precision() {
        let mut recipe = recipe().told(crate::TheoryRecipe::Lagrangian, "told");
        recipe = recipe.with_steps(400);
        recipe.precision = Precision::F64;
        recipe.data.train_states = 1000;
        let error = |finish| {
            let mut recipe = recipe.clone();
            recipe.finish = finish;
            let outcome = Trainer::new(recipe, systems(&["classical"]), [0]);
            let metrics = outcome.run().unwrap().metrics;
            metrics.rows.last().unwrap().average.rmse()
        };
        let (before, after) = (error(None), error(Some(FinishRecipe::new(300))));
        assert!(after < 0.3 * before, "{after} after, {before} before");
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let text = recipe().to_toml();
        assert_eq!(Recipe::from_toml(&text).unwrap(), recipe());
        assert!(!Recipe::reference().to_toml().contains("finish"));
        let error = Recipe::from_toml(&text.replace("iterations = 15", "iterations = 0"));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("finish.iterations"), "{error}");
    }
}
