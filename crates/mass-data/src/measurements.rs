//! Measured motions, from files or from memory, made ready to be differentiated.

use std::{collections::BTreeSet, f64::consts::PI, path::Path};

use crate::{
    column::Column,
    error::Error,
    layout::{ColumnMap, Layout, Time, UnitMap, quoted},
    note::Note,
    outliers::outliers,
    read_options::ReadOptions,
    rests::moving,
    table::Table,
    table_file::TableFile,
    trajectory::Trajectory,
};

/// Which angles are in degrees; they, their velocities and accelerations are turned into radians.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Degrees {
    /// Columns whose unit says so, and the derivatives without a unit of a position whose unit says so.
    #[default]
    Labelled,
    /// None, whatever units say.
    Keep,
    /// These positions, counted from 0, and their derivatives.
    Positions(Vec<usize>),
}

/// What is done with gross errors: rows that are so far from what their neighbours say that no smooth motion passes
/// through them, as of a tracker that lost its mark. A few of them spoil every derivative near them, and the choice of
/// the smoothing everywhere. Motions that are not smooth themselves, as at an impact, have none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outliers {
    /// They are left out, and a [`Note`] says which.
    #[default]
    LeaveOut,
    /// They are kept, and a [`Note`] says which.
    Keep,
}

/// How measurements are read and made ready.
///
/// # Example
/// ```
/// use mass_data::MeasurementOptions;
///
/// let options = MeasurementOptions { columns: "t=1,x=2".parse()?, ..MeasurementOptions::default() };
/// assert_eq!(options.gap, 10.0);
/// # Ok::<(), mass_data::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct MeasurementOptions {
    /// How files are read.
    pub read: ReadOptions,
    /// Which columns are what.
    pub columns: ColumnMap,
    /// Units of columns, where the file does not say them.
    pub units: UnitMap,
    /// The positions, counted from 0, that are angles: made continuous where they jump by a full turn. None
    /// said: those whose names (theta, phi, ..) or units say so.
    pub angles: Option<Vec<usize>>,
    /// Which angles are in degrees.
    pub degrees: Degrees,
    /// A step longer than so many median steps divides a trajectory.
    pub gap: f64,
    /// Whether time that goes back begins another trajectory; otherwise it is refused.
    pub restarts: bool,
    /// Rows that are far from their neighbours.
    pub outliers: Outliers,
    /// Whether rows at the start and the end of a trajectory in which nothing moves, as far as the noise tells, are
    /// left out. Those of trajectories with forcing or with accelerations are kept.
    pub trim_rests: bool,
}

impl Default for MeasurementOptions {
    fn default() -> Self {
        Self {
            read: ReadOptions::default(),
            columns: ColumnMap::default(),
            units: UnitMap::default(),
            angles: None,
            degrees: Degrees::default(),
            gap: 10.0,
            restarts: false,
            outliers: Outliers::default(),
            trim_rests: false,
        }
    }
}

impl MeasurementOptions {
    /// A file of measurements, its columns with the units that are said of them.
    fn open(&self, path: &Path) -> Result<TableFile, Error> {
        TableFile::open(path, &self.read)?.with_units(&self.units, &self.columns)
    }
}

/// Rows that a piece of a trajectory needs for its derivatives.
const LEAST_ROWS: usize = 8;
/// What differs more from the rate of a position, by its size, and is not as much alike as a multiple of it, is no
/// velocity.
const NO_RATE: f64 = 0.25;
const MULTIPLE: f64 = 0.98;
/// A velocity that differs more from the rate of its position is told.
const DISAGREES: f64 = 0.5;
/// Fewer rows in all are warned of.
const ADVISED_ROWS: usize = 100;

/// The units of what was measured, as its file writes them, where it does; angles that were turned into radians are in
/// `rad`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Units {
    /// Of time.
    pub time: Option<String>,
    /// Of each position, `[d]`.
    pub positions: Vec<Option<String>>,
    /// Which positions, counted from 0, were in degrees.
    pub degrees: Vec<usize>,
}

impl Units {
    /// The unit of a position and that of time, where both are known.
    pub(crate) fn of(&self, position: usize) -> Option<[String; 2]> {
        let unit = self.positions.get(position)?.clone()?;
        Some([unit, self.time.clone()?])
    }
}

/// Trajectories of one system, of d positions each and m forcings, with what a person should know of them.
///
/// # Example
/// ```
/// use mass_data::{MeasurementOptions, Measurements};
///
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// # let path = folder.path().join("lab.csv");
/// let mut text = String::from("trial;time (s);theta (deg)\n");
/// for trial in ["a", "b"] {
///     for i in 0..200 {
///         let t = f64::from(i) * 0.05;
///         text += &format!("{trial};{t:.2};{:.4}\n", 20.0 * t.cos()).replace('.', ",");
///     }
/// }
/// std::fs::write(&path, text).expect("written");
/// let lab = Measurements::read(&[&path], &MeasurementOptions::default())?;
/// assert_eq!((lab.trajectories().len(), lab.dof(), lab.angles()), (2, 1, &[0][..]));
/// assert!((lab.trajectories()[0].q()[0] - 20_f64.to_radians()).abs() < 1e-12);
/// # Ok::<(), mass_data::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Measurements {
    trajectories: Vec<Trajectory>,
    columns: Vec<String>,
    angles: Vec<usize>,
    notes: Vec<Note>,
    units: Units,
}

impl Measurements {
    /// Reads files of one kind: one with a column that says the trajectory, or one a trajectory, or both.
    ///
    /// A column `y` beside `x` of which nothing is said is the velocity of `x`, or, where it differs from it by a
    /// quarter of its size and is no multiple of it, a second position; a note says which.
    ///
    /// # Errors
    /// What is wrong with a file, with its line; [`Error::BadRequest`] if there are no files, or not all have the
    /// same positions; [`Error::TooFew`] if no trajectory has rows enough for derivatives.
    pub fn read(paths: &[impl AsRef<Path>], options: &MeasurementOptions) -> Result<Self, Error> {
        let mut found = Self::read_as_guessed(paths, options)?;
        let guessed = |note: &Note| matches!(note, Note::YIsVelocity { .. });
        let wrong = |k: usize| {
            let rate = rate(&found.trajectories, k, velocity_of);
            rate.is_some_and(|rate| rate.difference > NO_RATE && rate.alike < MULTIPLE)
        };
        let Some(path) = paths.first().map(AsRef::as_ref) else {
            return Ok(found);
        };
        if !found.notes.iter().any(guessed) || !(0..found.dof()).any(wrong) {
            return Ok(found);
        }
        // Nobody said that y is a velocity, and it is none.
        let file = options.open(path)?;
        let layout = Layout::find(path, file.columns(), &options.columns)?;
        let both = layout.positions().iter().chain(layout.velocities());
        let options = MeasurementOptions {
            columns: options.columns.with_positions(both.copied()),
            ..options.clone()
        };
        found = Self::read_as_guessed(paths, &options)?;
        found.notes.push(Note::YIsPosition {
            file: file_name(path),
        });
        Ok(found)
    }

    fn read_as_guessed(
        paths: &[impl AsRef<Path>],
        options: &MeasurementOptions,
    ) -> Result<Self, Error> {
        let mut all = Vec::new();
        let mut places = Vec::new();
        let mut notes = Vec::new();
        let mut columns: Vec<String> = Vec::new();
        let mut angles: Vec<usize> = Vec::new();
        let mut units: Option<(Units, String)> = None;
        for path in paths {
            let path = path.as_ref();
            let file = options.open(path)?;
            let layout = Layout::find(path, file.columns(), &options.columns)?;
            let said = options.columns.says_positions();
            describe(&file, &layout, said, &mut notes);
            let names = layout.positions().iter().map(|place| {
                let column = &file.columns()[*place];
                match column.name().is_empty() {
                    true => format!("column {}", place + 1),
                    false => column.shown(*place),
                }
            });
            let names: Vec<String> = names.collect();
            match columns.is_empty() {
                true => (columns, angles) = (names, layout.angles().to_vec()),
                false if columns.len() != names.len() => {
                    return Err(Error::BadRequest {
                        reason: format!(
                            "{} has {} positions and the files before it {}; all must have as many",
                            path.display(),
                            names.len(),
                            columns.len()
                        ),
                    });
                }
                false => {}
            }
            let said = options.angles.iter().flatten();
            let said = said.chain(match &options.degrees {
                Degrees::Positions(positions) => positions.as_slice(),
                _ => &[],
            });
            for k in said {
                let place = layout.positions().get(*k);
                if let Some(place) = place.filter(|place| file.columns()[**place].is_length()) {
                    let column = &file.columns()[*place];
                    return Err(Error::BadRequest {
                        reason: format!(
                            "{}: {} is said to be an angle, and is in {}, which is a length; leave it out of the angles",
                            path.display(),
                            column.shown(*place),
                            column.unit().unwrap_or_default()
                        ),
                    });
                }
            }
            let own = units_of(&file, &layout, &options.degrees);
            match &units {
                Some((first, name)) => same_units(
                    first,
                    name,
                    &own,
                    &file_name(path),
                    &names_of(&file, &layout),
                )?,
                None => units = Some((own, file_name(path))),
            }
            let found = from_file(&file, &layout, options, all.len(), &mut notes)?;
            for (trajectory, place) in found {
                all.push(trajectory);
                places.push(place);
            }
        }
        if let Degrees::Positions(positions) = &options.degrees {
            for k in positions {
                suspect_radians(&all, *k, &columns[*k], &mut notes);
            }
        }
        let angles = options.angles.clone().unwrap_or(angles);
        let outliers = (options.outliers, places.as_slice());
        let (gap, trim) = (options.gap, options.trim_rests);
        let mut found = Self::prepared(all, columns, angles, notes, gap, outliers, trim)?;
        found.units = units.map(|(units, _)| units).unwrap_or_default();
        if found
            .notes
            .iter()
            .any(|note| matches!(note, Note::ClockTimes { .. }))
        {
            found.units.time = Some("s".into());
        }
        Ok(found)
    }

    /// Of trajectories in memory; `angles` are the positions, counted from 0, that are angles. All rows are kept.
    ///
    /// # Errors
    /// [`Error::BadRequest`] if there are none, or not all are of the same shape; [`Error::TooFew`] as
    /// [`Measurements::read`].
    pub fn new(
        mut trajectories: Vec<Trajectory>,
        angles: &[usize],
        gap: f64,
    ) -> Result<Self, Error> {
        for (group, trajectory) in trajectories.iter_mut().enumerate() {
            trajectory.group = group;
        }
        let d = trajectories.first().map_or(0, Trajectory::dof);
        let columns = match d {
            1 => vec!["q".into()],
            _ => (0..d).map(|k| format!("q{k}")).collect(),
        };
        let outliers = (Outliers::Keep, &[][..]);
        Self::prepared(
            trajectories,
            columns,
            angles.to_vec(),
            Vec::new(),
            gap,
            outliers,
            false,
        )
    }

    fn prepared(
        mut trajectories: Vec<Trajectory>,
        columns: Vec<String>,
        angles: Vec<usize>,
        mut notes: Vec<Note>,
        gap: f64,
        outliers: (Outliers, &[Places]),
        trim_rests: bool,
    ) -> Result<Self, Error> {
        let refuse = |reason: String| Err(Error::BadRequest { reason });
        let Some(first) = trajectories.first() else {
            return refuse("there are no trajectories; give at least one file".into());
        };
        if gap.is_nan() || gap <= 1.0 {
            return refuse(format!(
                "a gap of {gap} median steps; it must be more than 1, such as 10"
            ));
        }
        let d = first.dof();
        let shape = |t: &Trajectory| {
            (
                t.dof(),
                t.forcings(),
                t.velocity.is_some(),
                t.acceleration.is_some(),
            )
        };
        if let Some(other) = trajectories.iter().find(|t| shape(t) != shape(first)) {
            return refuse(format!(
                "{} and {} do not have the same columns (positions, velocities, accelerations, forcing); all must",
                first.name(),
                other.name()
            ));
        }
        if let Some(k) = angles.iter().find(|k| **k >= d) {
            return refuse(format!(
                "position {} is said to be an angle; there are {d}, counted from 1",
                k + 1
            ));
        }
        for (k, column) in columns.iter().enumerate() {
            match angles.contains(&k) {
                true => unwrap(&mut trajectories, k, column, &mut notes),
                false => suspect_wrapped(&trajectories, k, column, &mut notes),
            }
        }
        gross_errors(&mut trajectories, &columns, outliers, &mut notes);
        if trim_rests {
            trim(&mut trajectories, &mut notes);
        }
        for (k, column) in columns.iter().enumerate() {
            let mut values = trajectories
                .iter()
                .flat_map(|t| t.q.iter().skip(k).step_by(d));
            if let Some(value) = values.next().copied()
                && values.all(|v| *v == value)
            {
                let column = column.clone();
                notes.push(Note::Constant { column, value });
            }
            suspect_rate(&trajectories, k, column, &mut notes);
            suspect_acceleration(&trajectories, k, column, &mut notes);
            if first_has_acceleration(&trajectories) {
                let of = trajectories.iter().filter_map(|t| t.acceleration.as_ref());
                let of: Vec<f64> = of
                    .flat_map(|a| a.iter().skip(k).step_by(d).copied())
                    .collect();
                notes.extend(constant_acceleration(column, &of, 0.0));
            }
        }
        let derive = !first_has_acceleration(&trajectories);
        let pieces = divide(trajectories, gap, derive, &mut notes)?;
        let rows = pieces.iter().map(Trajectory::len).sum();
        if rows < ADVISED_ROWS {
            let advised = ADVISED_ROWS;
            notes.push(Note::FewRows { rows, advised });
        }
        Ok(Self {
            trajectories: pieces,
            units: Units {
                positions: vec![None; columns.len()],
                ..Units::default()
            },
            columns,
            angles,
            notes,
        })
    }

    /// The same with positions counted from another origin `[d]`, in the units in which they are read.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for an origin of another number of positions, or one that is not finite.
    pub fn counted_from(mut self, origin: &[f64]) -> Result<Self, Error> {
        let d = self.dof();
        if origin.len() != d || origin.iter().any(|x| !x.is_finite()) {
            return Err(Error::BadRequest {
                reason: format!("the origin {origin:?} must be {d} finite numbers"),
            });
        }
        for one in &mut self.trajectories {
            let from = origin.iter().cycle();
            one.q.iter_mut().zip(from).for_each(|(q, from)| *q -= from);
        }
        Ok(self)
    }

    /// The units of time and of the positions.
    pub fn units(&self) -> &Units {
        &self.units
    }

    /// The trajectories, divided at gaps.
    pub fn trajectories(&self) -> &[Trajectory] {
        &self.trajectories
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.columns.len()
    }

    /// The number of forcings, m.
    pub fn forcings(&self) -> usize {
        self.trajectories.first().map_or(0, Trajectory::forcings)
    }

    /// What the positions are called in their file, for messages.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The positions, counted from 0, that are angles. They are continuous; [`mass_systems::wrap_angle`] brings
    /// them back to one turn.
    pub fn angles(&self) -> &[usize] {
        &self.angles
    }

    /// What a person should know.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The rows of all trajectories.
    pub fn rows(&self) -> usize {
        self.trajectories.iter().map(Trajectory::len).sum()
    }
}

fn first_has_acceleration(trajectories: &[Trajectory]) -> bool {
    trajectories
        .first()
        .is_some_and(|t| t.acceleration.is_some())
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}

/// Columns that are not used are named up to so many.
const NAMED: usize = 8;

/// Says what each column was taken for, and which were not used; of these, unless somebody said which are the positions, those
/// that may move too.
fn describe(file: &TableFile, layout: &Layout, said: bool, notes: &mut Vec<Note>) {
    let name = file_name(file.path());
    let shown = |places: &[usize]| {
        let shown: Vec<String> = places
            .iter()
            .map(|p| file.columns()[*p].shown(*p))
            .collect();
        shown.join(", ")
    };
    let mut roles = Vec::new();
    match layout.time() {
        Time::Column(place) => roles.push(format!("t = {}", shown(&[place]))),
        Time::Step(step) => roles.push(format!("dt = {step}")),
        Time::None => notes.push(Note::Untimed { file: name.clone() }),
    }
    if let Some(place) = layout.trajectory() {
        roles.push(format!("trajectory = {}", shown(&[place])));
    }
    for (key, places) in [
        ("x", layout.positions()),
        ("y", layout.velocities()),
        ("ydot", layout.accelerations()),
        ("tau", layout.forcing()),
    ] {
        if !places.is_empty() {
            roles.push(format!("{key} = {}", shown(places)));
        }
    }
    let used = [
        layout.positions(),
        layout.velocities(),
        layout.accelerations(),
        layout.forcing(),
    ];
    let mut used = used.concat();
    used.extend(layout.trajectory());
    if let Time::Column(place) = layout.time() {
        used.push(place);
    }
    let all = 0..file.columns().len();
    let unused: Vec<usize> = all.filter(|place| !used.contains(place)).collect();
    let first = &unused[..unused.len().min(NAMED)];
    match unused.len() - first.len() {
        _ if unused.is_empty() => {}
        0 => roles.push(format!("not used: {}", shown(first))),
        more => roles.push(format!("not used: {}, and {more} more", shown(first))),
    }
    notes.push(Note::Columns {
        file: name.clone(),
        roles: roles.join("; "),
    });
    let may_move = unused.iter().copied().filter(|place| {
        let column = &file.columns()[*place];
        let of_a_position = column.is_length() || column.is_degrees() || column.is_radians();
        of_a_position && !column.is_rate() && !said
    });
    let may_move: Vec<usize> = may_move.collect();
    if !may_move.is_empty() {
        let plain = |place: &usize| quoted(&file.columns()[*place]);
        let all = may_move.iter().chain(layout.positions());
        notes.push(Note::MayMove {
            file: name.clone(),
            columns: shown(&may_move),
            positions: all.map(plain).collect::<Vec<_>>().join(","),
        });
    }
    if layout.y_is_velocity() {
        notes.push(Note::YIsVelocity { file: name });
    }
}

/// The names of the positions of a file, for messages.
fn names_of(file: &TableFile, layout: &Layout) -> Vec<String> {
    let places = layout.positions().iter();
    places
        .map(|place| file.columns()[*place].shown(*place))
        .collect()
}

/// The units of time and positions of a file.
fn units_of(file: &TableFile, layout: &Layout, degrees: &Degrees) -> Units {
    let unit = |place: usize| file.columns()[place].unit().map(String::from);
    let mut units = Units {
        time: match layout.time() {
            Time::Column(place) => unit(place),
            _ => None,
        },
        ..Units::default()
    };
    for (k, place) in layout.positions().iter().enumerate() {
        let converted = match degrees {
            Degrees::Keep => false,
            Degrees::Labelled => file.columns()[*place].is_degrees(),
            Degrees::Positions(positions) => positions.contains(&k),
        };
        if converted {
            units.degrees.push(k);
        }
        let radians = converted || file.columns()[*place].is_radians();
        units.positions.push(match radians {
            true => Some("rad".into()),
            false => unit(*place),
        });
    }
    units
}

/// Files of one system must be in the same units.
fn same_units(
    first: &Units,
    before: &str,
    own: &Units,
    file: &str,
    names: &[String],
) -> Result<(), Error> {
    let pairs = std::iter::once((&first.time, &own.time, "times".to_string())).chain(
        first
            .positions
            .iter()
            .zip(&own.positions)
            .zip(names)
            .map(|((a, b), name)| (a, b, name.clone())),
    );
    for (a, b, what) in pairs {
        // Where one file says none it is taken to mean the same.
        if let (Some(a), Some(b)) = (a, b)
            && a != b
        {
            return Err(Error::BadRequest {
                reason: format!(
                    "{what} are in {b} in {file} and in {a} in {before}; bring both to one unit, or learn from one file at a time"
                ),
            });
        }
    }
    Ok(())
}

/// By what each column is to be multiplied, in the order of positions, velocities, accelerations.
fn factors(
    columns: &[Column],
    layout: &Layout,
    degrees: &Degrees,
    file: &str,
    notes: &mut Vec<Note>,
) -> Vec<f64> {
    let mut converted = Vec::new();
    let mut factors = Vec::new();
    for kind in [
        layout.positions(),
        layout.velocities(),
        layout.accelerations(),
    ] {
        for (k, place) in kind.iter().enumerate() {
            let of_position = &columns[layout.positions()[k]];
            let column = &columns[*place];
            let convert = match degrees {
                Degrees::Keep => false,
                Degrees::Labelled => {
                    column.is_degrees() || (column.unit().is_none() && of_position.is_degrees())
                }
                Degrees::Positions(positions) => positions.contains(&k),
            };
            if convert {
                converted.push(column.shown(*place));
            }
            factors.push(if convert { PI / 180.0 } else { 1.0 });
        }
    }
    if !converted.is_empty() {
        let columns = format!("{file}: {}", converted.join(", "));
        notes.push(Note::DegreesConverted { columns });
    }
    factors
}

/// Where the rows of a trajectory stand in their file: "line" or "row", and its numbers.
struct Places {
    word: &'static str,
    numbers: Vec<u64>,
}

/// Finds gross errors among positions, and velocities where those were measured, and leaves their rows out, unless all
/// are to be kept. Accelerations are not smooth where forces are not, and whoever fits them weighs what is far off.
fn gross_errors(
    trajectories: &mut [Trajectory],
    columns: &[String],
    (what, places): (Outliers, &[Places]),
    notes: &mut Vec<Note>,
) {
    let timed: Vec<usize> = (0..trajectories.len())
        .filter(|i| trajectories[*i].timed)
        .collect();
    let mut bad: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); trajectories.len()];
    type Values = fn(&Trajectory) -> Option<&[f64]>;
    let kinds: [(&str, Values); 2] = [
        ("", |t| Some(&t.q)),
        ("the velocity of ", |t| t.velocity.as_deref()),
    ];
    for (k, column) in columns.iter().enumerate() {
        for (kind, values) in kinds {
            let series: Vec<Vec<f64>> = timed
                .iter()
                .filter_map(|i| {
                    let t = &trajectories[*i];
                    Some(values(t)?.iter().skip(k).step_by(t.dof).copied().collect())
                })
                .collect();
            if series.len() < timed.len() {
                continue; // not measured
            }
            let times = timed.iter().map(|i| trajectories[*i].t.as_slice());
            let given: Vec<(&[f64], &[f64])> =
                times.zip(series.iter().map(Vec::as_slice)).collect();
            let found = outliers(&given);
            let count: usize = found.iter().map(Vec::len).sum();
            if count == 0 {
                continue;
            }
            let mut shown = Vec::new();
            for (i, rows) in timed.iter().zip(&found) {
                let trajectory = &trajectories[*i];
                for one in rows {
                    bad[*i].insert(one.row);
                    let at = format!("t = {}", trajectory.t[one.row]);
                    let place = match places.get(*i) {
                        Some(of) => format!(
                            "{}, {} {} ({at})",
                            trajectory.name, of.word, of.numbers[one.row]
                        ),
                        None => format!("{}, {at}", trajectory.name),
                    };
                    shown.push(format!(
                        "{place}: {:.4} where its neighbours say {:.4}",
                        one.value, one.expected
                    ));
                }
            }
            notes.push(Note::Outliers {
                column: format!("{kind}{column}"),
                count,
                places: shown,
                left_out: what == Outliers::LeaveOut,
            });
        }
    }
    if what == Outliers::LeaveOut {
        for (trajectory, bad) in trajectories.iter_mut().zip(&bad) {
            trajectory.leave_out(bad);
        }
    }
}

/// Leaves out rests at both ends of trajectories.
fn trim(trajectories: &mut [Trajectory], notes: &mut Vec<Note>) {
    let (of, mut count, mut rows, mut longest) = (trajectories.len(), 0, 0, 0.0_f64);
    for one in trajectories {
        if !one.timed || one.forcing.is_some() || one.acceleration.is_some() {
            continue;
        }
        let moving = moving(one);
        if moving.len() == one.len() {
            continue;
        }
        let (t, last) = (one.t(), one.len() - 1);
        let before = t[moving.start] - t[0];
        longest = longest.max(before).max(t[last] - t[moving.end - 1]);
        count += 1;
        rows += one.len() - moving.len();
        *one = one.piece(moving.start, moving.end, one.name.clone());
    }
    if count > 0 {
        notes.push(Note::Rests {
            trajectories: count,
            of,
            rows,
            longest,
        });
    }
}

/// The trajectories of a file; `group` is the number of the first.
fn from_file(
    file: &TableFile,
    layout: &Layout,
    options: &MeasurementOptions,
    group: usize,
    notes: &mut Vec<Note>,
) -> Result<Vec<(Trajectory, Places)>, Error> {
    let name = file_name(file.path());
    let d = layout.positions().len();
    if let Degrees::Positions(positions) = &options.degrees
        && let Some(k) = positions.iter().find(|k| **k >= d)
    {
        return Err(Error::BadRequest {
            reason: format!(
                "position {} is said to be in degrees; there are {d}, counted from 1",
                k + 1
            ),
        });
    }
    let factors = factors(file.columns(), layout, &options.degrees, &name, notes);
    let mut wanted: Vec<usize> = [
        layout.positions(),
        layout.velocities(),
        layout.accelerations(),
        layout.forcing(),
    ]
    .concat();
    let time = match layout.time() {
        Time::Column(place) => {
            wanted.push(place);
            Some(wanted.len() - 1)
        }
        _ => None,
    };
    let clock = match layout.time() {
        Time::Column(place) => Some(place),
        _ => None,
    };
    let mut table = file.read_timed(&wanted, layout.trajectory(), clock)?;
    if table.is_clock() {
        notes.push(Note::ClockTimes { file: name.clone() });
    }
    if table.dropped() > 0 {
        let rows = table.dropped();
        notes.push(Note::RowsDropped {
            file: name.clone(),
            rows,
        });
    }
    if table.is_empty() {
        return Err(Error::NoRows {
            path: file.path().into(),
        });
    }
    // Rows of each trajectory, in the file's order.
    let rows = table.len();
    let groups: Vec<(String, Vec<u32>)> = match table.take_labels() {
        None => vec![(name.clone(), (0..rows as u32).collect())],
        Some(labels) => {
            let mut of: Vec<Vec<u32>> = vec![Vec::new(); labels.names().len()];
            for (row, label) in labels.of().iter().enumerate() {
                of[*label as usize].push(row as u32);
            }
            let names = labels
                .names()
                .iter()
                .map(|label| format!("{name}, {label}"));
            names.zip(of).collect()
        }
    };
    let t = time.map(|place| table.take(place));
    let mut out = Vec::new();
    let mut restarts = 0;
    for (name, rows) in groups {
        let spans = match &t {
            Some(t) => spans(&table, t, &rows, options.restarts)?,
            None => std::iter::once(0..rows.len()).collect(),
        };
        restarts += spans.len() - 1;
        let several = spans.len() > 1;
        for (number, span) in spans.into_iter().enumerate() {
            let rows = &rows[span];
            let gather = |from: usize, count: usize| -> Vec<f64> {
                let columns = &table.columns()[from..from + count];
                let factor = |k: usize| factors.get(from + k).copied().unwrap_or(1.0);
                let mut values = Vec::with_capacity(rows.len() * count);
                for row in rows {
                    let of = columns.iter().enumerate();
                    values.extend(of.map(|(k, column)| column[*row as usize] * factor(k)));
                }
                values
            };
            let times: Vec<f64> = match (&t, layout.time()) {
                (Some(t), _) => rows.iter().map(|row| t[*row as usize]).collect(),
                (None, Time::Step(step)) => (0..rows.len()).map(|row| row as f64 * step).collect(),
                (None, _) => (0..rows.len()).map(|row| row as f64).collect(),
            };
            let called = match several {
                true => format!("{name}, part {}", number + 1),
                false => name.clone(),
            };
            let mut trajectory = Trajectory::new(called, d, times, gather(0, d))?;
            let (v, a, m) = (
                layout.velocities().len(),
                layout.accelerations().len(),
                layout.forcing().len(),
            );
            if v > 0 {
                trajectory = trajectory.with_velocity(gather(d, v))?;
            }
            if a > 0 {
                trajectory = trajectory.with_acceleration(gather(d + v, a))?;
            }
            trajectory = trajectory.with_forcing(m, gather(d + v + a, m))?;
            trajectory.timed = layout.time() != Time::None;
            trajectory.group = group + out.len();
            let places = Places {
                word: table.place_word(),
                numbers: rows.iter().map(|row| table.line(*row as usize)).collect(),
            };
            out.push((trajectory, places));
        }
    }
    if restarts > 0 {
        let file = name;
        notes.push(Note::Restarts {
            file,
            count: restarts,
        });
    }
    Ok(out)
}

/// Where times increase: all rows, or the spans between which time goes back.
fn spans(
    table: &Table,
    t: &[f64],
    rows: &[u32],
    restarts: bool,
) -> Result<Vec<std::ops::Range<usize>>, Error> {
    let mut begin = 0;
    let mut out = Vec::new();
    for at in 1..rows.len() {
        let (before, here) = (rows[at - 1] as usize, rows[at] as usize);
        if t[here] > t[before] {
            continue;
        }
        if t[here] < t[before] && restarts {
            out.push(begin..at);
            begin = at;
            continue;
        }
        let problem = match t[here] == t[before] {
            true => format!(
                "time {} is there already at {}; keep one row for each time, or name the column that says the trajectory (trajectory=NAME)",
                t[here],
                table.place(before)
            ),
            false => format!(
                "time goes back from {} to {}; sort the rows, or, if another trajectory begins here, name the column that says which (trajectory=NAME) or ask for restarts",
                t[before], t[here]
            ),
        };
        return Err(Error::BadTime {
            path: table.path().into(),
            place: table.place(here),
            problem,
        });
    }
    out.push(begin..rows.len());
    Ok(out)
}

/// Makes an angle continuous, unless it looks like degrees.
fn unwrap(trajectories: &mut [Trajectory], k: usize, column: &str, notes: &mut Vec<Note>) {
    let swing = trajectories
        .iter()
        .filter(|t| t.timed)
        .filter_map(|t| swing(t, k))
        .fold(0.0, f64::max);
    if swing > 0.0 {
        notes.push(Note::LooksLikeDegrees {
            column: column.into(),
            position: k,
            swing,
        });
        return;
    }
    let mut jumps = 0;
    for trajectory in trajectories.iter_mut().filter(|t| t.timed) {
        let d = trajectory.dof;
        // Beyond one turn it is continuous already, and a wide step is a wide step.
        let of = || trajectory.q.iter().skip(k).step_by(d);
        let (low, high) = (
            of().copied().fold(f64::INFINITY, f64::min),
            of().copied().fold(f64::NEG_INFINITY, f64::max),
        );
        if high - low > 2.0 * PI * 1.0001 {
            continue;
        }
        let mut shift = 0.0;
        let mut last = trajectory.q[k];
        for value in trajectory.q.iter_mut().skip(k).step_by(d) {
            let turns = ((*value - last) / (2.0 * PI)).round();
            last = *value;
            if turns != 0.0 {
                jumps += 1;
                shift -= turns * 2.0 * PI;
            }
            *value += shift;
        }
    }
    if jumps > 0 {
        let column = column.into();
        notes.push(Note::Unwrapped { column, jumps });
    }
}

/// The largest swing of an angle of more than two turns, if it swings so to and fro.
fn swing(trajectory: &Trajectory, k: usize) -> Option<f64> {
    const MUCH: f64 = 4.0 * PI;
    let mut values = trajectory.q.iter().skip(k).step_by(trajectory.dof).copied();
    let first = values.next()?;
    let (mut low, mut high, mut up) = (first, first, None);
    let (mut turns, mut largest) = (0, 0.0_f64);
    for value in values {
        match up {
            Some(true) if value > high => high = value,
            Some(false) if value < low => low = value,
            None => (low, high) = (low.min(value), high.max(value)),
            _ => {}
        }
        largest = largest.max(high - low);
        if up != Some(true) && value - low > MUCH {
            (up, high) = (Some(true), value);
            turns += 1;
        } else if up != Some(false) && high - value > MUCH {
            (up, low) = (Some(false), value);
            turns += 1;
        }
    }
    (turns >= 3).then_some(largest)
}

/// A position that jumps by 2π and is not said to be an angle.
fn suspect_wrapped(trajectories: &[Trajectory], k: usize, column: &str, notes: &mut Vec<Note>) {
    let mut jumps = 0;
    let mut small = 0;
    let mut steps = 0;
    for trajectory in trajectories.iter().filter(|t| t.timed) {
        let values: Vec<f64> = trajectory
            .q
            .iter()
            .skip(k)
            .step_by(trajectory.dof)
            .copied()
            .collect();
        for pair in values.windows(2) {
            let step = (pair[1] - pair[0]).abs();
            let inside = pair.iter().all(|v| v.abs() < 2.01 * PI);
            jumps += usize::from(inside && (step - 2.0 * PI).abs() < 0.5);
            small += usize::from(step < 0.5);
            steps += 1;
        }
    }
    if jumps >= 2 && 10 * small >= 9 * steps {
        notes.push(Note::LooksWrapped {
            column: column.into(),
            position: k,
            jumps,
        });
    }
}

/// An angle that was said to be in degrees, and is one in radians if it goes to no more than this.
fn suspect_radians(trajectories: &[Trajectory], k: usize, column: &str, notes: &mut Vec<Note>) {
    const MOST: f64 = 4.0;
    let all = trajectories.iter();
    let all = all.flat_map(|one| one.q.iter().skip(k).step_by(one.dof));
    let most = all.fold(0.0, |most: f64, q| most.max(q.to_degrees().abs()));
    if most < MOST {
        notes.push(Note::LooksLikeRadians {
            column: column.into(),
            most,
        });
    }
}

/// How a measured velocity compares with the rate of its position.
struct Rate {
    /// By what it must be divided to fit best.
    ratio: f64,
    /// The relative difference that is left at ratio 1.
    difference: f64,
    /// The square of the cosine between the two: 1 for a multiple.
    alike: f64,
}

/// The integral of a rate beside the way of what it is the rate of, over a fiftieth of each trajectory; none where one of
/// the two was not measured, or nothing moves. `of` gives both, `[N, d]`.
fn rate<'a>(
    trajectories: &'a [Trajectory],
    k: usize,
    of: impl Fn(&'a Trajectory) -> Option<(&'a [f64], &'a [f64])>,
) -> Option<Rate> {
    let (mut ways, mut rates, mut both, mut apart) = (0.0, 0.0, 0.0, 0.0);
    for trajectory in trajectories.iter().filter(|t| t.timed && t.len() >= 10) {
        let (from, rate) = of(trajectory)?;
        let (d, n) = (trajectory.dof, trajectory.len());
        let lag = (n / 50).max(1);
        let mut integral = vec![0.0];
        for i in 1..n {
            let step = trajectory.t[i] - trajectory.t[i - 1];
            let mean = 0.5 * (rate[i * d + k] + rate[(i - 1) * d + k]);
            integral.push(integral[i - 1] + step * mean);
        }
        for i in lag..n {
            let way = from[i * d + k] - from[(i - lag) * d + k];
            let rate = integral[i] - integral[i - lag];
            ways += way * way;
            rates += rate * rate;
            both += way * rate;
            apart += (way - rate).powi(2);
        }
    }
    (ways > 0.0 && rates > 0.0).then(|| Rate {
        ratio: both / ways,
        difference: (apart / ways).sqrt(),
        alike: if both > 0.0 {
            both * both / (ways * rates)
        } else {
            0.0
        },
    })
}

/// A position and its velocity.
fn velocity_of(trajectory: &Trajectory) -> Option<(&[f64], &[f64])> {
    Some((&trajectory.q, trajectory.velocity.as_deref()?))
}

/// A velocity and its acceleration.
fn acceleration_of(trajectory: &Trajectory) -> Option<(&[f64], &[f64])> {
    Some((
        trajectory.velocity.as_deref()?,
        trajectory.acceleration.as_deref()?,
    ))
}

/// A measured velocity whose integral is not the way.
fn suspect_rate(trajectories: &[Trajectory], k: usize, column: &str, notes: &mut Vec<Note>) {
    if let Some(rate) = rate(trajectories, k, velocity_of)
        && rate.difference > DISAGREES
    {
        notes.push(Note::RateDisagrees {
            velocity: format!("the velocity of {column}"),
            position: column.into(),
            ratio: rate.ratio,
            difference: rate.difference,
        });
    }
}

/// A measured acceleration whose integral is not the change of the velocity.
fn suspect_acceleration(
    trajectories: &[Trajectory],
    k: usize,
    column: &str,
    notes: &mut Vec<Note>,
) {
    let Some(found) = rate(trajectories, k, acceleration_of) else {
        return;
    };
    if found.difference > DISAGREES {
        let mut all = trajectories.iter().filter_map(acceleration_of);
        notes.push(Note::AccelerationDisagrees {
            column: column.into(),
            difference: found.difference,
            is_velocity: all.all(|(velocity, acceleration)| velocity == acceleration),
        });
    }
}

/// Whether accelerations hardly change, beyond their error.
pub(crate) fn constant_acceleration(column: &str, values: &[f64], error: f64) -> Option<Note> {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64;
    let deviation = variance.sqrt();
    let constant = deviation <= 1e-3 * mean.abs() || (mean == 0.0 && deviation == 0.0);
    let within = deviation <= 1.5 * error && mean.abs() > 10.0 * deviation;
    (constant || within).then(|| Note::ConstantAcceleration {
        column: column.into(),
        mean,
        deviation,
    })
}

/// Divides trajectories at gaps and leaves out what is too short.
fn divide(
    trajectories: Vec<Trajectory>,
    gap: f64,
    derive: bool,
    notes: &mut Vec<Note>,
) -> Result<Vec<Trajectory>, Error> {
    let mut out = Vec::new();
    let mut longest = 0;
    for trajectory in trajectories {
        let n = trajectory.len();
        let mut cuts = Vec::new();
        if trajectory.timed && n > 2 {
            let steps: Vec<f64> = trajectory
                .t
                .windows(2)
                .map(|pair| pair[1] - pair[0])
                .collect();
            let mut sorted = steps.clone();
            let median = *sorted.select_nth_unstable_by((n - 1) / 2, f64::total_cmp).1;
            cuts = (1..n).filter(|i| steps[i - 1] > gap * median).collect();
            let largest = cuts
                .iter()
                .copied()
                .max_by(|a, b| steps[a - 1].total_cmp(&steps[b - 1]));
            if let Some(at) = largest {
                notes.push(Note::Gaps {
                    trajectory: trajectory.name.clone(),
                    count: cuts.len(),
                    place: format!("t = {}", trajectory.t[at - 1]),
                    largest: steps[at - 1],
                    median,
                });
            }
        }
        let whole = cuts.is_empty();
        let ends: Vec<usize> = [vec![0], cuts, vec![n]].concat();
        let mut pieces = Vec::new();
        for (number, pair) in ends.windows(2).enumerate() {
            let rows = pair[1] - pair[0];
            longest = longest.max(rows);
            let name = match whole {
                true => trajectory.name.clone(),
                false => format!("{}, piece {}", trajectory.name, number + 1),
            };
            if derive && rows < LEAST_ROWS {
                notes.push(Note::TooShort {
                    trajectory: name,
                    rows,
                    least: LEAST_ROWS,
                });
            } else {
                pieces.push((pair[0], pair[1], name));
            }
        }
        match whole && !pieces.is_empty() {
            true => out.push(trajectory),
            false => out.extend(
                pieces
                    .into_iter()
                    .map(|(from, to, name)| trajectory.piece(from, to, name)),
            ),
        }
    }
    match out.is_empty() {
        true => Err(Error::TooFew {
            what: "the longest trajectory, or piece of one between gaps,".into(),
            found: longest,
            least: LEAST_ROWS,
        }),
        false => Ok(out),
    }
}
