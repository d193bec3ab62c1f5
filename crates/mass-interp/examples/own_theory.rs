//! Trains 32 scientists on your own states, in CSV or Parquet with columns x, y = ẋ and ẏ (`ydot`),
//! and says which theories they found: `cargo run --example own_theory -- states.csv [STEPS [DIR]]`.
//! The training is kept in DIR (`runs/own_theory`) and goes on from there; another needs another. On one system alone scientists
//! agree by the choice of one factor, so its families are coarse (see `Agreement`).
use mass_core::{ProgressLine, Recipe, Trainer, TrainingSystem};
use mass_interp::{Agreements, Counting, Distillation, Families, HelmholtzPlan, Scientist};
use mass_systems::Dataset;
use mass_terms::Notation::Unicode;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments
        .next()
        .ok_or("usage: own_theory FILE [STEPS [DIR]]")?;
    let steps = arguments.next().map_or(Ok(10_000), |steps| steps.parse())?;
    let folder = arguments.next().unwrap_or("runs/own_theory".into());
    let data = Dataset::read(&path)?;
    let systems = || TrainingSystem::measured("my data", &data, 0.5, 0).map(|one| vec![one]);
    let seeds: Vec<u64> = (0..32).collect();
    let mut recipe = Recipe::reference().with_steps(steps);
    recipe.data.batch = recipe.data.batch.min(data.len() / 2);
    let trainer = Trainer::new(recipe.clone(), systems()?, seeds.clone());
    let trainer = trainer.directory(folder);
    let outcome = trainer.observe(ProgressLine::new("my data")).run()?;

    let all = Scientist::all_of(&outcome.average, &seeds, recipe, systems()?.into())?;
    let agreement = Agreements::between(&all, 512, 0)?.together;
    for family in Families::of(&agreement, 0.9)?.families {
        let (one, count) = (&all[family.medoid], family.members.len());
        let reading = one.read(0, &one.evaluation_states(0, 512, 0)?)?.finite()?;
        let (seed, rmse) = (one.seed(), reading.rmse());
        println!("{count} scientists like seed {seed}, which has a test RMSE of {rmse:.1e}:");
        match one.helmholtz(0, reading.states(), &HelmholtzPlan::default()) {
            Ok(law) => {
                let friction = law.relative_friction();
                println!("  friction no Lagrangian explains, by rate: {friction:.0e}");
            }
            Err(why) => println!("  whether it is any Lagrangian's law is not judged: {why}"),
        }
        match Distillation::of(&reading).and_then(|all| all.lagrangian()) {
            Ok(fit) => println!("  its S as Lagrangian: R² {:.3}", fit.r2),
            Err(why) => println!("  its S as Lagrangian is not judged: {why}"),
        }
        let merged = one.grouping(Counting::Merged);
        let activations = reading.activations().grouped(&merged)?;
        let terms = activations.significant(0.95)?.indices;
        let names = activations.names(Unicode);
        let largest: Vec<_> = terms.iter().take(5).map(|term| &*names[*term]).collect();
        println!("  {} terms, first {}", terms.len(), largest.join(", "));
    }
    Ok(())
}
