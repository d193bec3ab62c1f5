//! What a figure or table is: one file that computes its data, draws them and states its claims.

use anyhow::{Context, Result};
use mass_core::Recipe;
use mass_figures::{Claim, DrawError, Folder, Made, Sheet, Trained, for_terminal};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    job::{Job, steps_of},
    population::Population,
};

/// A figure or table: its data (what `NAME.json` holds), and what is made of them.
///
/// Data are computed, written, read back, and drawn and judged as they were read. Another one is one
/// file that implements this, and its line in [`super::list::FIGURES`].
pub(super) trait Figure: Serialize + DeserializeOwned {
    /// Its name on the command line and as a folder, `fig3`.
    const NAME: &'static str;
    /// Its name in print, `Figure 3`.
    const HEADING: &'static str;
    /// What it is, in the list of `--help`.
    const ABOUT: &'static str;
    /// What it shows, in a sentence or two.
    const CAPTION: &'static str;
    /// What it is made from.
    const NEEDS: Needs;
    /// The recipe that it is about, unless one is asked for.
    const RECIPE: fn() -> Recipe = Recipe::reference;

    /// What its claims take that is not in its data; `()` for nothing.
    type Beyond;

    /// Computes the data.
    fn make(job: &Job) -> Result<Computed<Self>>;

    /// Draws them; `None` for a table.
    ///
    /// # Errors
    /// Fields that do not fit together, nothing to draw.
    fn draw(&self) -> Result<Option<Sheet>, DrawError> {
        Ok(None)
    }

    /// The same as Markdown, if it has a table.
    fn table(&self) -> Option<String> {
        None
    }

    /// The paper's numbers beside ours.
    fn claims(&self, beyond: &Self::Beyond) -> Result<Vec<Claim>>;

    /// Made-up data, for tests.
    #[cfg(test)]
    fn example() -> Self;
}

/// The systems of Figures 8 and 9.
pub(super) const FOUR: &[&str] = &["classical", "pendulum", "kepler", "relativistic"];

/// What a figure is made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nothing that is trained.
    Nothing,
    /// One scientist on the harmonic oscillator.
    One,
    /// Many scientists, on each of these systems alone.
    Single(&'static [&'static str]),
    /// Some scientists, on this system alone, who are followed on their motions.
    Motion(&'static str),
    /// Some scientists on each of these systems alone, found, given and plain.
    Theories(&'static [&'static str]),
    /// Many scientists who meet this many systems of Table 1, one after the other.
    Continued(usize),
    /// The same, of whom one is shown: the one asked for, or chosen.
    OneOfContinued(usize),
}

impl Needs {
    /// Is it about one scientist, who can be asked for?
    pub(super) fn one(self) -> bool {
        matches!(self, Self::One | Self::OneOfContinued(_))
    }

    /// Is it about many scientists, whose number can be asked for?
    pub(super) fn many(self) -> bool {
        matches!(
            self,
            Self::Single(_)
                | Self::Motion(_)
                | Self::Theories(_)
                | Self::Continued(_)
                | Self::OneOfContinued(_)
        )
    }
}

/// The data of a figure, and how they came about.
pub(super) struct Computed<F: Figure> {
    /// The data.
    pub(super) data: F,
    /// What its claims take beyond them.
    pub(super) beyond: F::Beyond,
    /// The trainings.
    pub(super) trained: Vec<Trained>,
    /// How what is shown was chosen, if not all is.
    pub(super) chosen: Option<String>,
}

impl<F: Figure> Computed<F> {
    /// Data of these populations.
    pub(super) fn of<'p>(
        data: F,
        beyond: F::Beyond,
        populations: impl IntoIterator<Item = &'p Population>,
    ) -> Self {
        Self {
            data,
            beyond,
            trained: populations.into_iter().map(Population::trained).collect(),
            chosen: None,
        }
    }

    /// The same, of a part of the scientists, chosen like this.
    pub(super) fn chosen(self, how: impl Into<String>) -> Self {
        Self {
            chosen: Some(how.into()),
            ..self
        }
    }
}

/// A figure or table that can be made: what the command line, the gallery and `all` know of it.
pub(crate) struct Entry {
    pub(super) name: &'static str,
    pub(super) heading: &'static str,
    pub(super) about: &'static str,
    pub(super) caption: &'static str,
    pub(super) needs: Needs,
    pub(super) recipe: fn() -> Recipe,
    pub(super) make: fn(&Job) -> Result<()>,
    #[cfg(test)]
    pub(super) contract: fn(),
    #[cfg(test)]
    pub(super) drawn: fn(&str) -> Result<mass_figures::Picture>,
}

impl Entry {
    /// The entry of a figure.
    pub(super) const fn of<F: Figure>() -> Self {
        Self {
            name: F::NAME,
            heading: F::HEADING,
            about: F::ABOUT,
            caption: F::CAPTION,
            needs: F::NEEDS,
            recipe: F::RECIPE,
            make: make::<F>,
            #[cfg(test)]
            contract: tests::contract::<F>,
            #[cfg(test)]
            drawn: tests::drawn::<F>,
        }
    }
}

/// Makes a figure: data first, then picture, table and claims from the data as they were written.
fn make<F: Figure>(job: &Job) -> Result<()> {
    let computed = F::make(job)?;
    let folder = Folder::new(&job.out, F::NAME);
    let data = folder.write_data(&computed.data)?;
    if let Some(sheet) = data.draw().context(F::NAME)? {
        folder.write_picture(&sheet.finish()?)?;
    }
    if let Some(table) = data.table() {
        folder.write_table(&table)?;
        println!("\n{}", for_terminal(&table));
    }
    let made = Made {
        command: job.command.clone(),
        trainings: computed.trained,
        chosen: computed.chosen,
    };
    folder.write_claims(&made, &data.claims(&computed.beyond)?)?;
    println!("{}", folder.summary(steps_of)?);
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use mass_figures::{Picture, inspect::Drawing};
    use serde_json::{Value, from_str, from_value, to_string, to_value};

    use super::*;
    use crate::reproduce::FIGURES;

    /// The picture of a figure's JSON file.
    pub(in crate::reproduce) fn drawn<F: Figure>(file: &str) -> Result<Picture> {
        let sheet = from_str::<F>(file)?.draw()?;
        Ok(sheet.context("a table has no picture")?.finish()?)
    }

    /// The drawing of a figure's data, which can be drawn.
    pub(in crate::reproduce) fn drawing<F: Figure>(data: &F) -> Drawing {
        Drawing::of(data.draw().unwrap().expect("it has a picture"))
    }

    #[test]
    fn every_figure_keeps_the_contract() {
        for figure in FIGURES {
            println!("{}", figure.name); // which it was, if one breaks it
            (figure.contract)();
        }
    }

    /// What holds of every figure and table.
    pub(in crate::reproduce) fn contract<F: Figure>() {
        let data = F::example();
        let file = to_string(&data).unwrap();
        let back: F = from_str(&file).unwrap();
        assert!(!F::HEADING.is_empty() && F::CAPTION.ends_with('.') && !F::ABOUT.is_empty());
        refuses_what_it_does_not_know::<F>(&to_value(&data).unwrap());
        let Some(sheet) = data.draw().unwrap() else {
            let table = data.table().expect("what has no picture has a table");
            assert_eq!(
                back.table().as_deref(),
                Some(&*table),
                "a file read back says the same"
            );
            return;
        };
        let picture = sheet.finish().unwrap();
        look(F::NAME, &picture);
        let again = data.draw().unwrap().unwrap().finish().unwrap();
        assert!(picture == again, "the same data, the same bytes");
        let drawn = drawing(&back);
        let again: F = from_str(&to_string(&back).unwrap()).unwrap();
        draws_the_same(drawing(&again).svg(), drawn.svg());
        assert!(picture.svg.len() < 1_200_000, "{} bytes", picture.svg.len());
        assert!(
            !picture.svg.contains("@font-face"),
            "the font is not embedded"
        );
        has_its_labels(&drawn);
        leaves_out_what_is_missing::<F>(&to_value(&data).unwrap());
        let nothing = from_value::<F>(emptied(to_value(&data).unwrap()));
        let nothing = nothing.expect("lists may be empty").draw();
        assert!(nothing.is_err(), "nothing to draw is an error");
    }

    /// Reading a file may lose the last binary digit of a number; at most that moves a place by a
    /// hundredth of a pixel.
    fn draws_the_same(read_back: &str, drawn: &str) {
        let pieces = |svg: &str| -> Vec<String> {
            let number = |c: char| c.is_ascii_digit() || c == '.';
            svg.split_inclusive(|c: char| !number(c))
                .map(String::from)
                .collect()
        };
        let (read_back, drawn) = (pieces(read_back), pieces(drawn));
        assert_eq!(
            read_back.len(),
            drawn.len(),
            "a file read back draws as much"
        );
        for (a, b) in read_back.iter().zip(&drawn) {
            let value = |text: &str| {
                text.trim_end_matches(|c: char| !c.is_ascii_digit())
                    .parse::<f64>()
            };
            let near = match (value(a), value(b)) {
                (Ok(a), Ok(b)) => (a - b).abs() < 0.011,
                _ => a == b,
            };
            assert!(near, "a file read back draws the same, not {a} for {b}");
        }
    }

    /// Where on the page a panel says this.
    #[track_caller]
    pub(in crate::reproduce) fn place_of(
        drawing: &Drawing,
        panel: usize,
        says: &str,
    ) -> (f64, f64) {
        let mut labels = drawing.panels()[panel].labels.iter();
        let found = labels.find(|(_, label)| label == says);
        found
            .unwrap_or_else(|| panic!("panel {panel} does not say {says:?}"))
            .0
    }

    /// The label of the x axis stands below a panel; that of the y axis, or a heading, above it.
    #[track_caller]
    pub(in crate::reproduce) fn axes_are_named(
        drawing: &Drawing,
        panel: usize,
        below: &str,
        above: &str,
    ) {
        let (top, bottom) = drawing.panels()[panel].frame.down;
        assert!(place_of(drawing, panel, below).1 > bottom, "{below:?}");
        assert!(place_of(drawing, panel, above).1 < top, "{above:?}");
    }

    /// Where a colour of the heights stands between the lowest and the highest.
    pub(in crate::reproduce) fn height_of(colour: &str) -> f64 {
        let parts =
            |hex: &str| [1, 3, 5].map(|at| i64::from_str_radix(&hex[at..at + 2], 16).unwrap());
        let asked = parts(colour);
        let distance = |step: &i64| -> i64 {
            let found = mass_figures::style::sequential(*step as f64 / 1000.0);
            let found = parts(&mass_figures::inspect::hex(found));
            asked.iter().zip(found).map(|(a, b)| (a - b).pow(2)).sum()
        };
        (0..=1000).min_by_key(distance).unwrap() as f64 / 1000.0
    }

    fn has_its_labels(drawing: &Drawing) {
        let letters = drawing.panels().iter().filter_map(|panel| panel.letter);
        let letters: Vec<char> = letters.collect();
        let expected: Vec<char> = ('a'..).take(letters.len()).collect();
        assert_eq!(letters, expected, "letters follow each other");
        for letter in letters {
            assert_eq!(drawing.count(&format!("({letter})")), 1);
        }
        // Each stands a little left of its own panel.
        let texts = mass_figures::inspect::texts(drawing.svg());
        for panel in drawing.panels() {
            let Some(letter) = panel.letter else { continue };
            let name = format!("({letter})");
            let text = texts.iter().find(|text| text.content == name).unwrap();
            let before = panel.frame.across.0 - text.at.0;
            assert!((0.0..200.0).contains(&before), "{name}: {before}");
        }
        // Panels stand in the order in which they are read.
        for pair in drawing.panels().windows(2) {
            let [one, next] = [pair[0].frame, pair[1].frame];
            let beside = one.down.0 == next.down.0 && one.across.0 < next.across.0;
            assert!(beside || one.down.0 < next.down.0, "{one:?}, then {next:?}");
        }
        for panel in drawing.panels() {
            assert!(!panel.labels.is_empty(), "{:?} has no label", panel.frame);
        }
    }

    /// Every field of a kind of object, with another one beside it.
    fn refuses_what_it_does_not_know<F: Figure>(data: &Value) {
        for place in kinds(data, Value::is_object) {
            let mut odd = data.clone();
            let object = odd.pointer_mut(&place).and_then(Value::as_object_mut);
            object.unwrap().insert("surprise".into(), Value::Null);
            assert!(from_value::<F>(odd).is_err(), "unknown field in {place:?}");
        }
    }

    /// A missing number of every kind, then all of a kind, are drawn without `NaN` or refused.
    fn leaves_out_what_is_missing<F: Figure>(data: &Value) {
        for place in kinds(data, Value::is_f64) {
            let mut one = data.clone();
            *one.pointer_mut(&place).unwrap() = Value::Null;
            let mut all = data.clone();
            let (list, _) = place.rsplit_once('/').unwrap();
            if let Some(Value::Array(list)) = all.pointer_mut(list) {
                list.fill(Value::Null);
            }
            for data in [one, all] {
                let Ok(data) = from_value::<F>(data) else {
                    continue;
                };
                let Ok(sheet) = data.draw() else { continue };
                let drawing = Drawing::of(sheet.unwrap());
                let tags = drawing
                    .svg()
                    .split('<')
                    .filter_map(|piece| piece.split('>').next());
                for tag in tags {
                    assert!(
                        !tag.contains("NaN") && !tag.contains("inf"),
                        "{place}: {tag}"
                    );
                }
                assert!(!drawing.texts().any(|text| text.contains("NaN")), "{place}");
            }
        }
    }

    /// Where there is a value like this: of each list the first place and one in the middle.
    fn kinds(data: &Value, is: fn(&Value) -> bool) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![(String::new(), data)];
        while let Some((place, value)) = open.pop() {
            if is(value) {
                found.insert(place.clone());
            }
            match value {
                Value::Object(fields) => {
                    open.extend(
                        fields
                            .iter()
                            .map(|(name, one)| (format!("{place}/{name}"), one)),
                    );
                }
                Value::Array(list) => {
                    let some = BTreeSet::from([0, list.len() / 2]);
                    let some = some.into_iter().filter(|at| *at < list.len());
                    open.extend(some.map(|at| (format!("{place}/{at}"), &list[at])));
                }
                _ => {}
            }
        }
        found
    }

    /// The same without a value in any list.
    fn emptied(data: Value) -> Value {
        match data {
            Value::Array(_) => Value::Array(Vec::new()),
            Value::Object(fields) => {
                let fields = fields.into_iter().map(|(name, one)| (name, emptied(one)));
                Value::Object(fields.collect())
            }
            other => other,
        }
    }

    /// Keeps a picture to look at, if `XTASK_PICTURES` names a folder.
    fn look(name: &str, picture: &Picture) {
        if let Some(folder) = std::env::var_os("XTASK_PICTURES") {
            let path = std::path::Path::new(&folder).join(name);
            std::fs::write(path.with_extension("svg"), &picture.svg).unwrap();
            std::fs::write(path.with_extension("png"), &picture.png).unwrap();
        }
    }

    /// The committed pictures are drawn from the committed data, byte for byte.
    #[test]
    fn committed_data_draw_the_committed_pictures() {
        let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let mut compared = 0;
        for document in ["paper", "modern", "physicist", "thousand"] {
            for figure in FIGURES {
                let at = |folder: &str, kind: &str| {
                    docs.join(document)
                        .join(folder)
                        .join(format!("{}.{kind}", figure.name))
                };
                let files = [at("data", "json"), at("figures", "svg")];
                let [Ok(data), Ok(svg)] = files.map(std::fs::read_to_string) else {
                    continue;
                };
                let drawn = (figure.drawn)(&data).unwrap();
                assert!(drawn.svg == svg, "{document}: {} differs", figure.name);
                compared += 1;
            }
        }
        assert!(compared >= 4, "fig10 and fig11 of two documents");
    }
}
