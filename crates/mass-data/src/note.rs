//! What a person should know about measurements, without being an error.

use std::fmt;

/// Something that was found or done; [`fmt::Display`] says what and, where it is a warning, the remedy.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// Which columns were taken for what.
    Columns {
        /// The file.
        file: String,
        /// "t = \"time\", x = \"theta\"".
        roles: String,
    },
    /// Columns whose units are those of positions were not used.
    MayMove {
        /// The file.
        file: String,
        /// Which, as they are shown.
        columns: String,
        /// They and the positions, as a mapping has them.
        positions: String,
    },
    /// `y` was taken for a velocity and may be a second position.
    YIsVelocity {
        /// The file.
        file: String,
    },
    /// `y` was taken for a second position, for it is not the velocity of `x`.
    YIsPosition {
        /// The file.
        file: String,
    },
    /// Rows are not timed.
    Untimed {
        /// The file.
        file: String,
    },
    /// Times were those of a clock.
    ClockTimes {
        /// The file.
        file: String,
    },
    /// Rows with missing values were left out.
    RowsDropped {
        /// The file.
        file: String,
        /// How many.
        rows: usize,
    },
    /// Times go back, and a new trajectory was begun at each such place.
    Restarts {
        /// The file.
        file: String,
        /// How many.
        count: usize,
    },
    /// A trajectory was divided where time leaps.
    Gaps {
        /// The trajectory.
        trajectory: String,
        /// How many gaps.
        count: usize,
        /// Where the largest begins.
        place: String,
        /// The longest, in units of time.
        largest: f64,
        /// The median step.
        median: f64,
    },
    /// A trajectory, or what is left of it between gaps, is too short to differentiate and was left out.
    TooShort {
        /// The trajectory.
        trajectory: String,
        /// Its rows.
        rows: usize,
        /// Rows that would do.
        least: usize,
    },
    /// There are few rows in all.
    FewRows {
        /// How many.
        rows: usize,
        /// How many are advisable.
        advised: usize,
    },
    /// A column in degrees was turned into radians.
    DegreesConverted {
        /// The columns.
        columns: String,
    },
    /// An angle looks as if it were in degrees.
    LooksLikeDegrees {
        /// The column.
        column: String,
        /// Which position, from 0.
        position: usize,
        /// Its largest swing between two turning points.
        swing: f64,
    },
    /// A column was said to be in degrees, and stays within what radians are.
    LooksLikeRadians {
        /// The column.
        column: String,
        /// Its largest number.
        most: f64,
    },
    /// An angle was wrapped, and has been made continuous.
    Unwrapped {
        /// The column.
        column: String,
        /// How many times it jumped by a full turn.
        jumps: usize,
    },
    /// A position jumps by full turns as an angle does, and is not said to be one.
    LooksWrapped {
        /// The column.
        column: String,
        /// Which position, from 0.
        position: usize,
        /// How many jumps.
        jumps: usize,
    },
    /// A position never changes.
    Constant {
        /// The column.
        column: String,
        /// Its value.
        value: f64,
    },
    /// Rows are far from what their neighbours say, as gross errors of a measurement are.
    Outliers {
        /// The column.
        column: String,
        /// How many rows.
        count: usize,
        /// Where each is, and what it and its neighbours say.
        places: Vec<String>,
        /// Whether they were left out.
        left_out: bool,
    },
    /// Nothing moves at the start or the end of trajectories, and these rows were left out.
    Rests {
        /// Trajectories that rest.
        trajectories: usize,
        /// Of how many.
        of: usize,
        /// Rows left out.
        rows: usize,
        /// How long the longest is, in units of time.
        longest: f64,
    },
    /// A velocity is not the rate of its position.
    RateDisagrees {
        /// The velocity's column.
        velocity: String,
        /// The position's column.
        position: String,
        /// What the velocity must be divided by to fit best.
        ratio: f64,
        /// The relative difference that is left at ratio 1.
        difference: f64,
    },
    /// An acceleration is not the rate of its velocity.
    AccelerationDisagrees {
        /// The position's column.
        column: String,
        /// The relative difference between its integral and the velocity.
        difference: f64,
        /// Whether it is the velocity itself.
        is_velocity: bool,
    },
    /// An acceleration hardly changes.
    ConstantAcceleration {
        /// The position's column.
        column: String,
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        deviation: f64,
    },
    /// An estimated acceleration is as uncertain as it is large: too noisy, or there is none.
    NoisyAcceleration {
        /// The position's column.
        column: String,
        /// The median standard error.
        error: f64,
        /// The standard deviation of the acceleration.
        deviation: f64,
    },
    /// How derivatives of a position were estimated.
    Derivatives {
        /// The position's column.
        column: String,
        /// What was differentiated.
        from: &'static str,
        /// The standard deviation of what was measured about the smooth series.
        noise: f64,
        /// The median standard error of the acceleration.
        acceleration_error: f64,
        /// The units of the position (radians of one that was in degrees) and of time, where both are known.
        units: Option<[String; 2]>,
    },
    /// Rows whose estimate is uncertain, at the ends above all.
    Uncertain {
        /// How many.
        rows: usize,
        /// Of how many.
        of: usize,
    },
}

impl Note {
    /// Whether something may be wrong, and not only worth knowing.
    pub fn is_warning(&self) -> bool {
        !matches!(
            self,
            Self::Columns { .. }
                | Self::YIsPosition { .. }
                | Self::Untimed { .. }
                | Self::ClockTimes { .. }
                | Self::Gaps { .. }
                | Self::Restarts { .. }
                | Self::DegreesConverted { .. }
                | Self::Unwrapped { .. }
                | Self::Derivatives { .. }
                | Self::Uncertain { .. }
                | Self::RowsDropped { .. }
                | Self::Rests { .. }
        )
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { file, roles } => write!(f, "{file}: {roles}"),
            Self::MayMove {
                file,
                columns,
                positions,
            } => write!(
                f,
                "{file}: {columns} may be a position too, by its unit, and is not used: a law without something that moves is wrong. If it moves, say x={positions}; if not, say which are the positions as well"
            ),
            Self::YIsVelocity { file } => write!(
                f,
                "{file}: column y is taken for the velocity of x; if it is a second position, say so: x=x,y"
            ),
            Self::YIsPosition { file } => write!(
                f,
                "{file}: column y is taken for a second position, for it is not the velocity of x; if it is meant as one, say so: x=x,y=y"
            ),
            Self::Untimed { file } => write!(
                f,
                "{file} has no times: its rows are states in any order, and their velocities and accelerations are used as given"
            ),
            Self::ClockTimes { file } => write!(
                f,
                "{file}: times are those of a clock, read as seconds since the first"
            ),
            Self::RowsDropped { file, rows } => {
                write!(
                    f,
                    "{file}: {rows} {} with missing values left out",
                    plural(*rows, "row")
                )
            }
            Self::Restarts { file, count } => {
                write!(
                    f,
                    "{file}: time goes back {count} times; a trajectory begins at each"
                )
            }
            Self::Gaps {
                trajectory,
                count,
                place,
                largest,
                median,
            } => write!(
                f,
                "{trajectory} is divided at {count} {}: the longest, at {place}, is {largest:.3e} where the median step is {median:.3e}",
                plural(*count, "gap")
            ),
            Self::TooShort {
                trajectory,
                rows,
                least,
            } => write!(
                f,
                "{trajectory} is left out: it has {rows} {}, and {least} are needed; allow longer gaps, or measure more",
                plural(*rows, "row")
            ),
            Self::FewRows { rows, advised } => write!(
                f,
                "there are only {rows} rows in all; a law found from fewer than {advised} is a guess: measure more"
            ),
            Self::DegreesConverted { columns } => {
                write!(f, "{columns}: degrees, turned into radians")
            }
            Self::LooksLikeRadians { column, most } => write!(
                f,
                "{column} is said to be in degrees, and goes to {most:.3} only: less than four degrees; if it is in radians, do not say degrees"
            ),
            Self::LooksLikeDegrees {
                column,
                position,
                swing,
            } => write!(
                f,
                "{column} swings by {swing:.3} to and fro, which is much for radians; if these are degrees, say so: position {} in degrees, or (deg) behind the name of the column",
                position + 1
            ),
            Self::Unwrapped { column, jumps } => {
                write!(
                    f,
                    "{column} jumps by a full turn {jumps} times and was made continuous"
                )
            }
            Self::LooksWrapped {
                column,
                position,
                jumps,
            } => write!(
                f,
                "{column} jumps by 2π {jumps} times, as an angle does; if it is one, say so: position {} is an angle",
                position + 1
            ),
            Self::Constant { column, value } => write!(
                f,
                "{column} is {value} in every row: nothing can be learned of it; leave the column out, or measure it in motion"
            ),
            Self::Outliers {
                column,
                count,
                places,
                left_out,
            } => {
                let many = match count {
                    1 => "1 row is".into(),
                    count => format!("{count} rows are"),
                };
                let done = match left_out {
                    true => "left out as gross errors",
                    false => "kept, and will spoil the derivatives near them",
                };
                write!(
                    f,
                    "{many} far from the neighbours in {column}, and {done}: "
                )?;
                const SHOWN: usize = 5;
                let shown = &places[..places.len().min(SHOWN)];
                write!(f, "{}", shown.join("; "))?;
                match places.len() - shown.len() {
                    0 => Ok(()),
                    more => write!(f, "; and {more} more"),
                }
            }
            Self::Rests {
                trajectories,
                of,
                rows,
                longest,
            } => write!(
                f,
                "nothing moves at the start or the end of {trajectories} of {of} {}, for {longest:.4} at the longest: {rows} {} left out, for what holds a rest, a hand or dry friction, is no part of the motion's law",
                match of {
                    1 => "trajectory",
                    _ => "trajectories",
                },
                plural(*rows, "row")
            ),
            Self::RateDisagrees {
                velocity,
                position,
                ratio,
                difference,
            } => {
                let much = match 100.0 * difference {
                    percent if percent < 500.0 => format!("{percent:.0} %"),
                    _ => "much more than their size".into(),
                };
                write!(
                    f,
                    "{velocity} is not the rate of {position}: they differ by {much}"
                )?;
                let turn = 180.0 / std::f64::consts::PI;
                match ratio.abs() {
                    r if (r / turn - 1.0).abs() < 0.1 => {
                        write!(
                            f,
                            ", by the factor 180/π: the velocity is in degrees and the position in radians"
                        )
                    }
                    r if (r * turn - 1.0).abs() < 0.1 => {
                        write!(
                            f,
                            ", by the factor π/180: the position is in degrees and the velocity in radians"
                        )
                    }
                    _ => write!(
                        f,
                        " (the velocity is about {ratio:.3e} of the rate); check the columns and their units, or leave the velocity out: y=none"
                    ),
                }
            }
            Self::AccelerationDisagrees {
                column,
                difference,
                is_velocity,
            } => {
                let much = match 100.0 * difference {
                    percent if percent < 500.0 => format!("differs from it by {percent:.0} %"),
                    _ => "differs from it by much more than its size".into(),
                };
                let same = match is_velocity {
                    true => "; it is the velocity once more",
                    false => "",
                };
                write!(
                    f,
                    "the acceleration of {column} is not the rate of its velocity: its integral {much}{same}; check the columns and their units, or leave the accelerations out: ydot=none"
                )
            }
            Self::ConstantAcceleration {
                column,
                mean,
                deviation,
            } => write!(
                f,
                "the acceleration of {column} is {mean:.4e} throughout (standard deviation {deviation:.1e}): any law that is constant explains it; measure where forces change"
            ),
            Self::NoisyAcceleration {
                column,
                error,
                deviation,
            } => write!(
                f,
                "the acceleration of {column} is known to {error:.2e} where it varies by {deviation:.2e}: measure more often, with less noise, or give accelerations, unless no force acts on it"
            ),
            Self::Derivatives {
                column,
                from,
                noise,
                acceleration_error,
                units,
            } => {
                let [of_noise, of_acceleration] = match units {
                    Some([unit, time]) if *from == "velocities" => {
                        [format!(" {unit} {time}⁻¹"), format!(" {unit} {time}⁻²")]
                    }
                    Some([unit, time]) => [format!(" {unit}"), format!(" {unit} {time}⁻²")],
                    None => [String::new(), String::new()],
                };
                write!(
                    f,
                    "derivatives of {column} from its {from}: noise {noise:.2e}{of_noise}, acceleration to {acceleration_error:.2e}{of_acceleration}"
                )
            }
            Self::Uncertain { rows, of } => write!(
                f,
                "{rows} of {of} rows have an uncertain acceleration, at ends and gaps above all; they are marked"
            ),
        }
    }
}

fn plural(count: usize, word: &str) -> String {
    match count {
        1 => word.into(),
        _ => format!("{word}s"),
    }
}
