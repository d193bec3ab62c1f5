//! A process that trains when asked to and says how long it took: ours, PyTorch's or JAX's.
//!
//! The protocol: the process says `ready`, with a JSON object about itself behind it; for each line
//! `steps N` it trains N further steps and answers with the wall seconds; `quit` ends it.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};
use mass_systems::{QuantileRule, quantile};

/// One or more processes that together train a number of scientists.
pub(crate) struct Contender {
    /// What the table calls it.
    pub(crate) name: String,
    /// Scientists that all its processes train together.
    pub(crate) scientists: usize,
    /// Steps per measurement.
    pub(crate) steps: usize,
    processes: Vec<Process>,
    /// Milliseconds per step and scientist, one per round.
    pub(crate) times: Vec<f64>,
}

struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Contender {
    /// Starts the processes and waits until each is ready; `scientists` are those of one process.
    pub(crate) fn start(
        name: impl Into<String>,
        scientists: usize,
        commands: Vec<Command>,
    ) -> Result<Self> {
        let name = name.into();
        let started: Vec<Process> = commands
            .into_iter()
            .map(|command| Process::spawn(command).with_context(|| format!("{name} did not start")))
            .collect::<Result<_>>()?;
        let mut contender = Self {
            scientists: scientists * started.len(),
            name,
            steps: 20,
            processes: started,
            times: Vec::new(),
        };
        for process in &mut contender.processes {
            let said = process.answer()?;
            ensure!(
                said.starts_with("ready"),
                "{} said {said:?} instead of `ready`",
                contender.name
            );
        }
        Ok(contender)
    }

    /// Trains `steps` steps; the wall milliseconds per step and scientist.
    fn train(&mut self) -> Result<f64> {
        for process in &mut self.processes {
            writeln!(process.input, "steps {}", self.steps)?;
            process.input.flush()?;
        }
        let mut longest = 0.0_f64;
        for process in &mut self.processes {
            let said = process.answer()?;
            let seconds: f64 = said
                .parse()
                .with_context(|| format!("{} said {said:?} instead of seconds", self.name))?;
            longest = longest.max(seconds);
        }
        Ok(longest * 1e3 / self.steps as f64 / self.scientists as f64)
    }

    /// Picks the number of steps so that a measurement takes about `seconds`; warms up on the way.
    pub(crate) fn calibrate(&mut self, seconds: f64) -> Result<()> {
        let per_step = self.train()? * self.scientists as f64 / 1e3;
        let steps = (seconds / per_step / 20.0).round().max(1.0);
        self.steps = steps as usize * 20;
        Ok(())
    }

    /// One more measurement.
    pub(crate) fn measure(&mut self) -> Result<()> {
        let time = self.train()?;
        self.times.push(time);
        Ok(())
    }

    /// Lower quartile, median and upper quartile of the measurements, milliseconds per step and
    /// scientist.
    pub(crate) fn quartiles(&self) -> [f64; 3] {
        [0.25, 0.5, 0.75].map(|share| quantile(&self.times, share, QuantileRule::Nearest))
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        for process in &mut self.processes {
            // The process may be gone already; then there is nothing to end.
            let _ = writeln!(process.input, "quit");
            let _ = process.child.kill();
            let _ = process.child.wait();
        }
    }
}

impl Process {
    fn spawn(mut command: Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("{:?}", command.get_program()))?;
        let input = child.stdin.take().context("no standard input")?;
        let output = child.stdout.take().context("no standard output")?;
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    fn answer(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            let status = self.child.wait()?;
            bail!("the process ended ({status}) before it answered; its message is above");
        }
        Ok(line.trim().to_string())
    }
}
