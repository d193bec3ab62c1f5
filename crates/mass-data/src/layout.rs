//! Which column is what.

use std::{collections::BTreeMap, path::Path, str::FromStr};

use mass_suggest::{hint, nearest};

use crate::{
    column::{Column, list},
    error::Error,
    names::{self, Kind, Known, SUGGESTED},
};

/// Which columns are what, as a person says it: `x=theta,y=omega,t=time,trajectory=trial`.
///
/// | key | also | what |
/// |---|---|---|
/// | `t` | `time` | time |
/// | `dt` | `step` | the step of time, a number, of a file without times |
/// | `trajectory` | `trial`, `traj`, `run`, `id` | which trajectory a row is of, a number or a word |
/// | `x` | `q`, `position` | positions, d of them |
/// | `y` | `v`, `qdot`, `velocity` | velocities, as many |
/// | `ydot` | `a`, `qddot`, `acceleration` | accelerations, as many |
/// | `tau` | `u`, `force`, `forcing` | forcing, m of them |
///
/// A value is a column's name, with or without its unit, in any case; or its number, counted from 1, or some
/// of them, `3-4`. Several are separated by commas: `x=theta1,theta2`. A name with a comma or an equals sign
/// stands in double quotes. `none` says that there is none. What is not said is found by the usual names.
///
/// # Example
/// ```
/// use mass_data::ColumnMap;
///
/// let by_number: ColumnMap = "trajectory=1,t=2,x=3-4,y=5,6".parse()?;
/// let wrong = "x=theta,velocty=omega".parse::<ColumnMap>().unwrap_err();
/// assert!(wrong.to_string().contains("did you mean \"velocity\"?"));
/// # Ok::<(), mass_data::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnMap {
    given: BTreeMap<Kind, Vec<Reference>>,
    step: Option<f64>,
}

impl ColumnMap {
    /// Whether positions are said.
    pub(crate) fn says_positions(&self) -> bool {
        self.given.contains_key(&Kind::Position)
    }

    /// The same, with these columns, by their places from 0, as the positions, and no velocities.
    pub(crate) fn with_positions(&self, places: impl Iterator<Item = usize>) -> Self {
        let mut map = self.clone();
        let places = places.map(|place| Reference::Number(place + 1));
        map.given.insert(Kind::Position, places.collect());
        map.given.insert(Kind::Velocity, Vec::new());
        map
    }
}

/// A column by its name or its number.
#[derive(Clone, Debug, PartialEq)]
enum Reference {
    Name(String),
    /// Counted from 1.
    Number(usize),
}

const KEYS: [(&str, Option<Kind>); 24] = [
    ("t", Some(Kind::Time)),
    ("time", Some(Kind::Time)),
    ("dt", None),
    ("step", None),
    ("trajectory", Some(Kind::Trajectory)),
    ("trial", Some(Kind::Trajectory)),
    ("traj", Some(Kind::Trajectory)),
    ("run", Some(Kind::Trajectory)),
    ("id", Some(Kind::Trajectory)),
    ("x", Some(Kind::Position)),
    ("q", Some(Kind::Position)),
    ("position", Some(Kind::Position)),
    ("y", Some(Kind::Velocity)),
    ("v", Some(Kind::Velocity)),
    ("qdot", Some(Kind::Velocity)),
    ("velocity", Some(Kind::Velocity)),
    ("ydot", Some(Kind::Acceleration)),
    ("a", Some(Kind::Acceleration)),
    ("qddot", Some(Kind::Acceleration)),
    ("acceleration", Some(Kind::Acceleration)),
    ("tau", Some(Kind::Forcing)),
    ("u", Some(Kind::Forcing)),
    ("force", Some(Kind::Forcing)),
    ("forcing", Some(Kind::Forcing)),
];

impl FromStr for ColumnMap {
    type Err = Error;

    fn from_str(given: &str) -> Result<Self, Error> {
        let refuse = |problem: String| Error::BadMapping {
            given: given.chars().take(200).collect(),
            problem,
        };
        let mut map = Self::default();
        let mut key: Option<(&str, Option<Kind>)> = None;
        for part in parts(given).ok_or_else(|| refuse("a quote is not closed".into()))? {
            let value = match part.value {
                Some((written, value)) => {
                    let lower = written.to_lowercase();
                    let found = KEYS.iter().find(|(name, _)| *name == lower);
                    let (name, kind) = *found.ok_or_else(|| {
                        let near = nearest(&written, KEYS.iter().map(|(name, _)| *name));
                        refuse(format!(
                            "\"{written}\" is none of t, dt, trajectory, x, y, ydot, tau{}",
                            hint(near)
                        ))
                    })?;
                    let there = match kind {
                        Some(kind) => map.given.insert(kind, Vec::new()).is_some(),
                        None => map.step.is_some(),
                    };
                    if there {
                        return Err(refuse(format!("\"{name}\" is said twice")));
                    }
                    key = Some((name, kind));
                    value
                }
                None => part.text.clone(),
            };
            let Some((name, kind)) = key else {
                return Err(refuse(format!("\"{value}\" stands before any =")));
            };
            if value.is_empty() {
                return Err(refuse(format!("nothing is said for \"{name}\"")));
            }
            let Some(kind) = kind else {
                let step = value
                    .parse::<f64>()
                    .ok()
                    .filter(|step| step.is_finite() && *step > 0.0);
                let twice = map.step.is_some();
                map.step = Some(step.filter(|_| !twice).ok_or_else(|| {
                    refuse(format!("\"{name}\" must be one positive number, such as dt=0.01, and is \"{value}\""))
                })?);
                continue;
            };
            let known = map.given.entry(kind).or_default();
            if !part.quoted && value.eq_ignore_ascii_case("none") {
                continue;
            }
            let references = match part.quoted {
                true => vec![Reference::Name(value)],
                false => references(&value).map_err(refuse)?,
            };
            known.extend(references);
            let single = matches!(kind, Kind::Time | Kind::Trajectory);
            if single && known.len() > 1 {
                return Err(refuse(format!(
                    "\"{name}\" is one column, and several are said"
                )));
            }
        }
        if map.step.is_some() && map.given.get(&Kind::Time).is_some_and(|t| !t.is_empty()) {
            return Err(refuse(
                "both a column of times and a step are said; drop one".into(),
            ));
        }
        Ok(map)
    }
}

/// The units of columns, as a person says them where the file does not: `t=s,x=rad`. Others than the file's own are
/// refused.
///
/// What stands before an equals sign is a key of [`ColumnMap`], for all columns that it is given there, or else a
/// column's name, its number counted from 1, or a span of numbers. Units are labels as those of a header are: degrees
/// (`deg`, `°`) are turned into radians, and nothing else is converted.
///
/// # Example
/// ```
/// use mass_data::{MeasurementOptions, Measurements};
///
/// # let folder = tempfile::tempdir().expect("a temporary folder");
/// # let path = folder.path().join("film.txt");
/// let rows = (0..200).map(|i| 0.05 * f64::from(i));
/// let text: String = rows.map(|t| format!("{t:.2} {:.4}\n", 20.0 * t.cos())).collect();
/// std::fs::write(&path, text).expect("written"); // no header, and nothing says what is what
/// let options = MeasurementOptions {
///     columns: "t=1,x=2".parse()?,
///     units: "t=s,x=deg".parse()?,
///     ..MeasurementOptions::default()
/// };
/// let film = Measurements::read(&[&path], &options)?;
/// assert_eq!(film.units().time.as_deref(), Some("s"));
/// assert!((film.trajectories()[0].q()[0] - 20_f64.to_radians()).abs() < 1e-12);
/// # Ok::<(), mass_data::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnitMap {
    /// What stands before the equals sign, and the unit.
    given: Vec<(String, String)>,
}

impl UnitMap {
    /// These columns with the units that are said of them.
    pub(crate) fn said_of(
        &self,
        path: &Path,
        columns: &[Column],
        map: &ColumnMap,
    ) -> Result<Vec<Column>, Error> {
        let mut out = columns.to_vec();
        for (key, unit) in &self.given {
            let refuse = |problem: String| Error::Columns {
                path: path.into(),
                problem: format!("units: {problem}"),
                found: list(columns),
            };
            let kind = KEYS.iter().find(|(name, _)| *name == key.to_lowercase());
            let of_kind = kind.and_then(|(_, kind)| map.given.get(kind.as_ref()?));
            let all = match of_kind {
                Some(of) => of.clone(),
                None => references(key).map_err(refuse)?,
            };
            for reference in &all {
                let place = resolve(reference, columns).map_err(refuse)?;
                let said = columns[place].clone().with_unit(unit);
                let alike = said.is_degrees() && columns[place].is_degrees();
                if let (Some(own), false) = (columns[place].unit(), alike)
                    && said.unit() != Some(own)
                {
                    return Err(refuse(format!(
                        "column {} is in {own}, as the file says, and {unit} is said of it; say units of columns that have none, or change the file's header",
                        quoted(&columns[place])
                    )));
                }
                out[place] = said;
            }
        }
        Ok(out)
    }
}

impl FromStr for UnitMap {
    type Err = Error;

    fn from_str(given: &str) -> Result<Self, Error> {
        let refuse = |problem: String| Error::BadUnits {
            given: given.chars().take(200).collect(),
            problem,
        };
        let mut map = Self::default();
        for part in parts(given).ok_or_else(|| refuse("a quote is not closed".into()))? {
            let Some((key, unit)) = part.value else {
                let problem = format!("of \"{}\" no unit is said", part.text);
                return Err(refuse(problem));
            };
            if key.is_empty() || unit.is_empty() {
                let shown = if key.is_empty() { unit } else { key };
                return Err(refuse(format!(
                    "a column, an equals sign and a unit belong together, and one is missing beside \"{shown}\""
                )));
            }
            if map.given.iter().any(|(other, _)| *other == key) {
                return Err(refuse(format!("the unit of \"{key}\" is said twice")));
            }
            map.given.push((key, unit));
        }
        Ok(map)
    }
}

/// A part of a mapping between commas.
struct Part {
    text: String,
    /// Key and value, where there is an equals sign.
    value: Option<(String, String)>,
    quoted: bool,
}

/// The parts between commas, but for those in quotes; none if a quote is not closed.
fn parts(given: &str) -> Option<Vec<Part>> {
    let mut out = Vec::new();
    let (mut key, mut text, mut inside, mut quoted) = (None, String::new(), false, false);
    for c in given.chars().chain([',']) {
        match c {
            '"' => {
                inside = !inside;
                quoted = true;
            }
            '=' if !inside && key.is_none() => {
                key = Some(std::mem::take(&mut text).trim().to_string())
            }
            ',' if !inside => {
                let text = std::mem::take(&mut text).trim().to_string();
                out.push(Part {
                    value: key.take().map(|key| (key, text.clone())),
                    text,
                    quoted: std::mem::take(&mut quoted),
                });
            }
            c => text.push(c),
        }
    }
    // The last comma is ours; one of the person's own at the end says nothing.
    if out
        .last()
        .is_some_and(|part: &Part| part.text.is_empty() && part.value.is_none())
    {
        out.pop();
    }
    (!inside).then_some(out)
}

/// A name, a number, or a span of numbers.
fn references(value: &str) -> Result<Vec<Reference>, String> {
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let check = |number: usize| match number {
        0 => Err("columns are numbered from 1, and 0 is said".to_string()),
        number => Ok(Reference::Number(number)),
    };
    if let Some(number) = number(value) {
        return Ok(vec![check(number)?]);
    }
    if let Some((from, to)) = value.split_once('-')
        && let (Some(from), Some(to)) = (number(from), number(to))
    {
        if from > to || to - from > 1000 {
            return Err(format!("\"{value}\" is no span of columns, such as 3-4"));
        }
        return (from..=to).map(check).collect();
    }
    Ok(vec![Reference::Name(value.into())])
}

/// How rows are timed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Time {
    /// By a column.
    Column(usize),
    /// By a step between rows.
    Step(f64),
    /// Not at all: rows are states with velocity and acceleration, in any order.
    None,
}

/// Where the columns of a motion are, by their places in the file, counted from 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    time: Time,
    trajectory: Option<usize>,
    positions: Vec<usize>,
    velocities: Vec<usize>,
    accelerations: Vec<usize>,
    forcing: Vec<usize>,
    angles: Vec<usize>,
    y_is_velocity: bool,
}

impl Layout {
    /// Finds what each column is: as the mapping says, and else by the usual names, in any case, in Greek
    /// letters or spelled out, numbered from 0 or 1 where there are several.
    ///
    /// `path` is for messages.
    ///
    /// # Errors
    /// [`Error::Columns`] says what is missing or not clear, and what would be right.
    ///
    /// # Example
    /// ```
    /// use mass_data::{Column, ColumnMap, Layout, Time};
    ///
    /// let columns: Vec<Column> = ["Time (s)", "θ₁", "θ₂", "ω₁", "ω₂"].map(Column::of).into();
    /// let layout = Layout::find("lab.csv".as_ref(), &columns, &ColumnMap::default())?;
    /// assert_eq!((layout.time(), layout.positions(), layout.velocities()), (Time::Column(0), &[1, 2][..], &[3, 4][..]));
    /// assert_eq!(layout.angles(), [0, 1]);
    /// # Ok::<(), mass_data::Error>(())
    /// ```
    pub fn find(path: &Path, columns: &[Column], map: &ColumnMap) -> Result<Self, Error> {
        let refuse = |problem: String| Error::Columns {
            path: path.into(),
            problem,
            found: list(columns),
        };
        let mut places: BTreeMap<Kind, Vec<usize>> = BTreeMap::new();
        let mut taken: BTreeMap<usize, Kind> = BTreeMap::new();
        for (kind, references) in &map.given {
            let found = places.entry(*kind).or_default();
            for reference in references {
                let place = resolve(reference, columns).map_err(refuse)?;
                if taken.insert(place, *kind).is_some() {
                    let shown = columns[place].shown(place);
                    return Err(refuse(format!("column {shown} is said to be two things")));
                }
                found.push(place);
            }
        }
        // The usual names of what is left.
        let said = |kind: &Kind| map.given.contains_key(kind);
        let mut known: Vec<(usize, Known)> = columns
            .iter()
            .enumerate()
            .filter(|(place, _)| !taken.contains_key(place))
            .filter_map(|(place, column)| Some((place, names::known(column.name())?)))
            .collect();
        let y_is_velocity = settle_y(
            &mut known,
            columns,
            said(&Kind::Position),
            said(&Kind::Velocity),
        );
        known.retain(|(_, known)| {
            !(said(&known.kind) || known.kind == Kind::Time && map.step.is_some())
        });
        let of_kind = |kind: Kind| -> Vec<(usize, Known)> {
            let of = known.iter().filter(|(_, known)| known.kind == kind);
            of.cloned().collect()
        };
        for kind in [Kind::Time, Kind::Trajectory] {
            match of_kind(kind).as_slice() {
                [] => {}
                [(place, _)] => drop(places.insert(kind, vec![*place])),
                several => {
                    let shown: Vec<String> =
                        several.iter().map(|(p, _)| columns[*p].shown(*p)).collect();
                    let (what, key) = match kind {
                        Kind::Time => ("times", "t"),
                        _ => ("trajectories", "trajectory"),
                    };
                    return Err(refuse(format!(
                        "columns {} may all be the {what}; say which, {key}=NAME",
                        shown.join(", ")
                    )));
                }
            }
        }
        let ordered = |kind: Kind| order(of_kind(kind), columns).map_err(refuse);
        let mut stems: Vec<String> = Vec::new();
        if !said(&Kind::Position) {
            let found = ordered(Kind::Position)?;
            stems = found.iter().map(|(_, known)| known.stem.clone()).collect();
            places.insert(
                Kind::Position,
                found.into_iter().map(|(place, _)| place).collect(),
            );
        }
        let mut positions = places.remove(&Kind::Position).unwrap_or_default();
        if positions.is_empty() && !said(&Kind::Position) {
            positions.extend(only_other(
                columns,
                &taken,
                places.get(&Kind::Time),
                map.step,
            ));
        }
        if positions.is_empty() {
            return Err(refuse(no_positions(columns)));
        }
        if let Some(place) = positions.iter().find(|place| columns[**place].is_rate()) {
            let column = &columns[*place];
            return Err(refuse(format!(
                "column {} is in {}, which is the unit of a velocity, and is to be a position; give positions, x=NAME, which this \
                 column may be the velocities of, y=NAME: added up over time it makes them, but for where they start",
                column.shown(*place),
                column.unit().unwrap_or_default()
            )));
        }
        let d = positions.len();
        let mut rates = |kind: Kind, what: &str, key: &str| {
            let found = match places.remove(&kind) {
                Some(found) => found,
                None => paired(ordered(kind)?, &stems),
            };
            if !found.is_empty() && found.len() != d {
                let shown = |places: &[usize]| {
                    let shown: Vec<String> = places.iter().map(|p| columns[*p].shown(*p)).collect();
                    shown.join(", ")
                };
                return Err(refuse(format!(
                    "there are {d} positions ({}) and {} {what} ({}); there must be as many, or none: say which, \
                     x=NAME,..,{key}=NAME,.. or {key}=none",
                    shown(&positions),
                    found.len(),
                    shown(&found)
                )));
            }
            Ok(found)
        };
        let velocities = rates(Kind::Velocity, "velocities", "y")?;
        let accelerations = rates(Kind::Acceleration, "accelerations", "ydot")?;
        let forcing = match places.remove(&Kind::Forcing) {
            Some(found) => found,
            None => ordered(Kind::Forcing)?
                .into_iter()
                .map(|(place, _)| place)
                .collect(),
        };
        let one = |kind: &Kind| places.get(kind).and_then(|found| found.first()).copied();
        let time = match (one(&Kind::Time), map.step) {
            (Some(place), _) => Time::Column(place),
            (None, Some(step)) => Time::Step(step),
            (None, None) if !velocities.is_empty() && !accelerations.is_empty() => Time::None,
            (None, None) => {
                return Err(refuse(format!(
                    "there is no column of times{}; say which it is, t=NAME, or the step between rows, dt=0.01",
                    near(columns, &["time", "times"])
                )));
            }
        };
        let angles = positions.iter().enumerate().filter(|(_, place)| {
            let column = &columns[**place];
            column.is_degrees()
                || column.is_radians()
                || names::known(column.name()).is_some_and(|known| names::is_angle(&known.stem))
        });
        let angles = angles.map(|(k, _)| k).collect();
        Ok(Self {
            time,
            trajectory: one(&Kind::Trajectory),
            positions,
            velocities,
            accelerations,
            forcing,
            angles,
            y_is_velocity,
        })
    }

    /// How rows are timed.
    pub fn time(&self) -> Time {
        self.time
    }

    /// The column that says which trajectory a row is of.
    pub fn trajectory(&self) -> Option<usize> {
        self.trajectory
    }

    /// Positions, d columns.
    pub fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// Velocities, d columns or none.
    pub fn velocities(&self) -> &[usize] {
        &self.velocities
    }

    /// Accelerations, d columns or none.
    pub fn accelerations(&self) -> &[usize] {
        &self.accelerations
    }

    /// Forcing, m columns.
    pub fn forcing(&self) -> &[usize] {
        &self.forcing
    }

    /// The positions, counted from 0, that are angles by their names or units.
    pub fn angles(&self) -> &[usize] {
        &self.angles
    }

    /// Whether a column `y` was taken for the velocity of `x`, where it may be a second position.
    pub fn y_is_velocity(&self) -> bool {
        self.y_is_velocity
    }
}

/// Whether `y` is a second position beside `x`, or its velocity as in files of this project (x, y, ydot): a
/// position if anything else is a velocity, there is a `z`, both have one unit, or the person said which are the
/// velocities.
/// Returns whether that is a guess.
fn settle_y(
    known: &mut [(usize, Known)],
    columns: &[Column],
    positions_said: bool,
    velocities_said: bool,
) -> bool {
    let is_y = |known: &Known| known.stem == "y";
    let any = |of: &dyn Fn(&Known) -> bool| known.iter().any(|(_, known)| of(known));
    let y = any(&|k| is_y(k) && k.kind == Kind::Position);
    // x (m) and y (m) are of one kind.
    let unit = |of: &dyn Fn(&Known) -> bool| {
        let mut found = known
            .iter()
            .filter(|(_, k)| k.kind == Kind::Position && of(k));
        found.next().and_then(|(place, _)| columns[*place].unit())
    };
    let one_unit = unit(&is_y).is_some_and(|y| unit(&|k| !is_y(k)) == Some(y));
    let second = velocities_said
        || one_unit
        || any(&|k| k.stem == "z")
        || any(&|k| k.kind == Kind::Velocity && !is_y(k))
        || any(&|k| k.kind == Kind::Acceleration && is_y(k))
        || !any(&|k| k.kind == Kind::Position && !is_y(k));
    if y && second && !positions_said {
        return false;
    }
    for (_, known) in known.iter_mut().filter(|(_, known)| is_y(known)) {
        known.kind = match known.kind {
            Kind::Position => Kind::Velocity,
            _ => Kind::Acceleration,
        };
        known.stem = "x".into();
    }
    y && !positions_said && !known.iter().any(|(_, k)| k.kind == Kind::Acceleration)
}

/// Columns of one kind: stems in the order in which they appear, each by its numbers, which must be whole.
fn order(found: Vec<(usize, Known)>, columns: &[Column]) -> Result<Vec<(usize, Known)>, String> {
    let mut stems: Vec<&str> = Vec::new();
    for (_, known) in &found {
        if !stems.contains(&known.stem.as_str()) {
            stems.push(&known.stem);
        }
    }
    let mut out = Vec::new();
    for stem in stems {
        let mut of: Vec<&(usize, Known)> = found.iter().filter(|(_, k)| k.stem == stem).collect();
        of.sort_by_key(|(place, known)| (known.index, *place));
        let shown = |(place, _): &(usize, Known)| columns[*place].shown(*place);
        for pair in of.windows(2) {
            let (a, b) = (pair[0].1.index, pair[1].1.index);
            match (a, b) {
                _ if a == b => {
                    return Err(format!(
                        "columns {} and {} may be the same thing; rename one, or say which, x=NAME,y=NAME,..",
                        shown(pair[0]),
                        shown(pair[1])
                    ));
                }
                (None, Some(_)) => {
                    return Err(format!(
                        "columns {} and {} are both there, so it is not clear how many there are; say which, \
                     x=NAME,y=NAME,..",
                        shown(pair[0]),
                        shown(pair[1])
                    ));
                }
                (Some(a), Some(b)) if a + 1 != b => {
                    return Err(format!(
                        "after column {} comes {}, and number {} is missing; say which are meant, x=NAME,NAME,..",
                        shown(pair[0]),
                        shown(pair[1]),
                        a + 1
                    ));
                }
                _ => {}
            }
        }
        out.extend(of.into_iter().cloned());
    }
    Ok(out)
}

/// Velocities or accelerations in the order of the positions' stems, where all tell which they belong to.
fn paired(mut found: Vec<(usize, Known)>, stems: &[String]) -> Vec<usize> {
    let of = |stem: &str| -> Option<usize> {
        let only = |angle: bool| {
            let mut of: Vec<&String> = stems
                .iter()
                .filter(|s| names::is_angle(s) == angle)
                .collect();
            of.dedup();
            (of.len() == 1)
                .then(|| stems.iter().position(|s| s == of[0]))
                .flatten()
        };
        match stem {
            "omega" => only(true),
            "v" => only(false),
            stem => stems.iter().position(|s| s == stem),
        }
    };
    let ranks: Option<Vec<usize>> = found.iter().map(|(_, known)| of(&known.stem)).collect();
    if ranks.is_some() {
        found.sort_by_key(|(place, known)| (of(&known.stem), known.index, *place));
    }
    found.into_iter().map(|(place, _)| place).collect()
}

/// The place of a column.
fn resolve(reference: &Reference, columns: &[Column]) -> Result<usize, String> {
    let unique = |matches: &dyn Fn(&Column) -> bool, name: &str| {
        let mut found = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| matches(column));
        match (found.next(), found.next()) {
            (Some((place, _)), None) => Ok(Some(place)),
            (None, _) => Ok(None),
            (Some((a, _)), Some((b, _))) => Err(format!(
                "columns {} and {} are both called \"{name}\"; say which by number",
                a + 1,
                b + 1
            )),
        }
    };
    match reference {
        Reference::Number(number) => {
            let text = number.to_string();
            if let Some(place) = unique(&|column| column.name() == text, &text)? {
                return Ok(place);
            }
            match *number <= columns.len() {
                true => Ok(number - 1),
                false => Err(format!(
                    "there is no column {number}; there are {}",
                    columns.len()
                )),
            }
        }
        Reference::Name(name) => {
            let label = Column::of(name);
            let same = |column: &Column| *column == label || column.name() == name;
            if let Some(place) = unique(&same, name)? {
                return Ok(place);
            }
            let spelled = names::spelled(label.name());
            let alike =
                |column: &Column| !spelled.is_empty() && names::spelled(column.name()) == spelled;
            if let Some(place) = unique(&alike, name)? {
                return Ok(place);
            }
            let near = nearest(
                label.name(),
                columns.iter().map(Column::name).filter(|n| !n.is_empty()),
            );
            Err(format!("there is no column \"{name}\"{}", hint(near)))
        }
    }
}

/// Whether a column is called as what tells trajectories apart.
fn names_runs(column: &Column) -> bool {
    names::known(column.name()).is_some_and(|known| known.kind == Kind::Trajectory)
}

/// The one column beside the times and the runs, whatever it is called; none if it is understood as something
/// else, or nearly.
fn only_other(
    columns: &[Column],
    taken: &BTreeMap<usize, Kind>,
    times: Option<&Vec<usize>>,
    step: Option<f64>,
) -> Option<usize> {
    let times = times.map_or(&[][..], Vec::as_slice);
    if times.is_empty() && step.is_none() {
        return None;
    }
    let is_other = |place: &usize| {
        !taken.contains_key(place) && !times.contains(place) && !names_runs(&columns[*place])
    };
    let mut others = (0..columns.len()).filter(is_other);
    let one = others.next().filter(|_| others.next().is_none())?;
    let name = columns[one].name();
    let is_unheard = names::known(name).is_none() && nearest(name, SUGGESTED).is_none();
    (!name.is_empty() && is_unheard).then_some(one)
}

/// What to say where no column is a position.
fn no_positions(columns: &[Column]) -> String {
    if columns.iter().all(|column| column.name().is_empty()) {
        return "the file does not name its columns; say which is which by number, such as t=1,x=2,y=3".into();
    }
    // Of the person's own names: the times, by name or unit, or the first, and the first other, one with a unit before others.
    let is_time =
        |column: &&Column| names::known(column.name()).is_some_and(|k| k.kind == Kind::Time);
    let times = columns.iter().find(is_time);
    let times = times.or_else(|| columns.iter().find(|column| column.is_in_time()));
    let time = times.or(columns.first());
    let others = || {
        let others = columns.iter();
        others.filter(|column| Some(*column) != time && !names_runs(column))
    };
    let other = others().find(|column| column.unit().is_some());
    let example = match (time, other.or_else(|| others().next())) {
        (Some(time), Some(other)) => format!("t={},x={}", quoted(time), quoted(other)),
        _ => "x=NAME".to_string(),
    };
    format!(
        "no column is called as a position is (x, q, theta, ..){}; say which are, such as {example}",
        near(columns, &SUGGESTED)
    )
}

/// A column's name as a mapping takes it.
pub(crate) fn quoted(column: &Column) -> String {
    match column.name().contains([',', '=', ' ']) {
        true => format!("\"{}\"", column.name()),
        false => column.name().to_string(),
    }
}

/// The first column whose name is nearly one of these.
fn near(columns: &[Column], known: &[&str]) -> String {
    let unknown = columns
        .iter()
        .map(Column::name)
        .filter(|n| n.len() > 2 && names::known(n).is_none());
    let mut found = unknown.filter_map(|name| Some((name, nearest(name, known.iter().copied())?)));
    found.next().map_or(String::new(), |(name, near)| {
        format!(" (\"{name}\": did you mean \"{near}\"?)")
    })
}
