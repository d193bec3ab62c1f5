//! AI Physicist, Table 2: forty worlds, met by three agents that learn as the paper does.

use mass_physicist::{AgentSuite, AgentSummary, Paper};

use crate::reproduce::prelude::*;

/// The table's data (Wu & Tegmark 2019, Table 2): `physicist-table2.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agents {
    /// Medians over the worlds: the baseline's, the newborn's, the AI Physicist's.
    agents: Vec<AgentSummary>,
}

impl Figure for Agents {
    const NAME: &'static str = "physicist-table2";
    const HEADING: &'static str = "AI Physicist, Table 2";
    const ABOUT: &'static str = "The AI Physicist: forty worlds met by three agents, as the paper trains them; an hour and a half of one core, by its name alone";
    const CAPTION: &'static str = "Forty reconstructed mystery worlds of 25 000 windows, met one after the other by the paper's own training in single precision: a plain network, an agent without a memory and one with. Medians over the worlds.";
    const NEEDS: Needs = Needs::Nothing;
    type Beyond = ();

    /// Worlds that are finished lie beside the table, a file an agent: a command that was stopped goes on.
    fn make(job: &Job) -> Result<Computed<Self>> {
        let folder = job.out.join("physicist-worlds");
        let agents = AgentSuite::all_agents(Paper::default(), &folder, |agent, row| {
            eprintln!(
                "{}, world {}: {:.0} s",
                agent.name(),
                row.world,
                row.seconds
            );
        })?;
        Ok(Computed::of(Self { agents }, (), []))
    }

    fn table(&self) -> Option<String> {
        let row = |one: &AgentSummary| {
            let epochs = one
                .to
                .map(|to| to.map_or("∞".to_string(), |to| to.to_string()));
            vec![
                one.agent.name().to_string(),
                format!("{} of {}", one.solved, one.worlds),
                format!("{:.2} ({:.2})", one.error, one.floor),
                format!("{:.2}", 100.0 * one.accuracy),
                format!("{:.1}", one.bits),
                epochs.join(", "),
                format!("{:.0} ({:.0})", one.seconds, one.most_seconds),
            ]
        };
        let headers = [
            "agent",
            "solved",
            "log₁₀ MSE (of the exact laws)",
            "accuracy, %",
            "bits",
            "epochs to 10⁻², 10⁻⁴, 10⁻⁶, 10⁻⁸",
            "processor seconds (most)",
        ];
        Some(markdown(&headers, self.agents.iter().map(row)))
    }

    fn claims(&self, (): &()) -> Result<Vec<Claim>> {
        let [_, newborn, physicist] = self.agents.as_slice() else {
            anyhow::bail!("the table is of three agents, not {}", self.agents.len());
        };
        let mut rows = Vec::new();
        for (one, solved, error) in [(newborn, 36.0, -13.95), (physicist, 37.0, -13.88)] {
            let (name, worlds) = (one.agent.name(), one.worlds);
            rows.push(
                claim("it solves 90 % of the worlds or more")
                    .measured(
                        format!("{name}: worlds solved, of {worlds}"),
                        one.solved as f64,
                    )
                    .paper(solved)
                    .unit("worlds")
                    .above(0.9 * worlds as f64 - 0.5),
            );
            rows.push(
                claim("its error is that of single precision (10^-13.5 at most)")
                    .measured(
                        format!("{name}: log₁₀ of the mean squared error, median"),
                        one.error,
                    )
                    .paper(error)
                    .below(-13.5),
            );
        }
        let to = |one: &AgentSummary| one.to[0].map_or(f64::INFINITY, |epochs| epochs as f64);
        rows.push(
            claim("what it remembers makes it faster: fewer epochs to 10⁻² than without a memory (15 for 83)")
                .measured("ai-physicist: epochs to 10⁻² less those of the newborn, medians", to(physicist) - to(newborn))
                .paper(-68.0)
                .unit("epochs")
                .below(0.0),
        );
        Ok(rows)
    }

    #[cfg(test)]
    fn example() -> Self {
        use mass_physicist::AgentKind;
        let of = |(agent, solved, error, to): (AgentKind, usize, f64, usize)| AgentSummary {
            agent,
            worlds: 40,
            solved,
            error,
            floor: -13.97,
            accuracy: 1.0,
            bits: 120.0,
            to: [Some(to), Some(2 * to), None, None],
            seconds: 40.0,
            most_seconds: 60.0,
        };
        let [baseline, newborn, physicist] = AgentKind::ALL;
        Self {
            agents: [
                (baseline, 0, -3.9, 95),
                (newborn, 36, -13.9, 50),
                (physicist, 37, -13.9, 15),
            ]
            .map(of)
            .to_vec(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memory_that_makes_slower_and_worlds_that_are_not_solved_count() {
        let mut data = Agents::example();
        let holds = |data: &Agents| -> Vec<bool> {
            let claims = data.claims(&()).unwrap();
            claims.iter().map(|one| one.holds == Some(true)).collect()
        };
        assert_eq!(holds(&data), [true; 5]);
        (data.agents[1].solved, data.agents[2].error) = (35, -12.0);
        data.agents[2].to[0] = Some(60);
        assert_eq!(holds(&data), [false, true, true, false, false]);
        data.agents.pop();
        assert!(data.claims(&()).is_err());
    }
}
