//! Predictions: what was held out, and the law followed from its first state.

use mass_figures::{
    Anchor, Axes, Panel, Series, Sheet, Swatch,
    style::{GREEN, INK, ORANGE, PURPLE, TICK},
    text_width,
};

use super::look::{
    BAND, HELD_OUT, LAW, MEASURED, Track, Units, area, headroom, moved, page_height, scaled, sides,
    wide,
};
use crate::course::{Course, Followed, Points};

/// Laws beside the one that is announced.
const OTHERS: [&str; 3] = [GREEN, PURPLE, ORANGE];

/// `names` are those of the theories.
pub(super) fn draw(course: &Course, names: &[&str], alike: &str, title: &str) -> Option<Sheet> {
    let units = Units::of(course);
    let track = Track::of(course)?;
    course.held_out.first()?.paths.first()?;
    let shown = units.shown();
    let mut sheet = Sheet::new(page_height(shown), title);
    for k in 0..shown {
        let factor = units.factor(k);
        let measured = course.held_out.iter().zip(&track.begins);
        let measured =
            measured.map(|(one, begin)| moved(&scaled(&one.position[k], factor), *begin));
        let measured: Vec<Points> = measured.collect();
        let data = sides(measured.iter().flatten().map(|(_, v)| *v))?;
        // A motion that runs away is cut off, a little outside of the data.
        let room = 0.35 * (data.1 - data.0);
        let followed = course.held_out.iter().flat_map(|one| &one.paths);
        let values = followed.flat_map(|path| path.position[k].iter().map(|(_, v)| v * factor));
        let kept = values.map(|v| v.clamp(data.0 - room, data.1 + room));
        let y = sides(kept.chain([data.0, data.1]))?;
        let mut panel = sheet.panel(wide(k, (0.0, track.end), headroom(y)));
        let paths = || {
            let stretches = course.held_out.iter().zip(&track.begins);
            stretches.flat_map(|(one, begin)| {
                one.paths.iter().enumerate().map(move |path| (path, *begin))
            })
        };
        let mut banded = false;
        for ((place, path), begin) in paths() {
            if let (0, Some(low), Some(high)) = (place, path.low.get(k), path.high.get(k)) {
                let side = |points: &Points| moved(&scaled(points, factor), begin);
                area(&mut panel, &side(low), &side(high), BAND);
                banded = true;
            }
        }
        let mut series: Vec<Series> = Vec::new();
        let few = measured.iter().map(Vec::len).sum::<usize>() <= 160;
        if !few {
            let lines = measured.iter();
            series.extend(lines.map(|line| Series::new("", MEASURED, 4.0, line.clone())));
        }
        // The law that is announced lies above the others.
        let mut lines: Vec<((usize, &Followed), f64)> = paths().collect();
        lines.sort_by_key(|((place, _), _)| std::cmp::Reverse(*place));
        series.extend(lines.iter().map(|((place, path), begin)| {
            let line = moved(&scaled(&path.position[k], factor), *begin);
            Series::new("", colour(*place), 1.8, line)
        }));
        panel.plot(&series, Axes::new());
        if few {
            for points in &measured {
                panel.dots(points, 2.8, HELD_OUT);
            }
        }
        track.joints(&mut panel);
        for (one, begin) in course.held_out.iter().zip(&track.begins) {
            let apart = one.paths.first().and_then(|path| path.apart);
            if let Some(apart) = apart {
                let words = (k == 0).then(|| units.duration(apart));
                mark(&mut panel, (*begin, apart, one.time), words);
            }
        }
        if k == 0 {
            match few {
                true => panel.key("measured", HELD_OUT, Swatch::Dot),
                false => panel.key("measured", MEASURED, Swatch::Line(4.0)),
            };
            let first = &course.held_out[0];
            for (place, path) in first.paths.iter().enumerate() {
                let name = names.get(path.theory).copied().unwrap_or("a law");
                let name = if place == 0 { "the law" } else { name };
                panel.key(name, colour(place), Swatch::Line(2.0));
            }
            if banded {
                let name = format!("two thirds of {} {alike}", course.drawn);
                panel.key(&name, "#c9dff0", Swatch::Square);
            }
        }
        panel.y_label(&units.label(k, 0));
        panel.legend();
        if k + 1 == shown {
            panel.x_label(&track.label(&units));
        }
    }
    Some(sheet)
}

fn colour(place: usize) -> &'static str {
    match place {
        0 => LAW,
        place => OTHERS[(place - 1) % OTHERS.len()],
    }
}

/// A broken line where law and data part, with words where there is room for them.
fn mark(panel: &mut Panel<'_>, (begin, apart, time): (f64, f64, f64), words: Option<String>) {
    let frame = panel.frame();
    let x = frame.at_x(begin + apart);
    let ends = [(x, frame.down.0), (x, frame.down.1)];
    panel.sheet().broken_line(&ends, INK, 1.2);
    let Some(after) = words else { return };
    let (left, right) = (frame.at_x(begin), frame.at_x(begin + time));
    let whole = format!("apart after {after}");
    for words in [whole, after] {
        let width = text_width(&words, TICK) + 12.0;
        let y = frame.down.0 + 15.0;
        if x + width < right {
            panel.text((x + 5.0, y), &words, TICK, Anchor::Start);
            return;
        }
        if x - width > left {
            panel.text((x - 5.0, y), &words, TICK, Anchor::End);
            return;
        }
    }
}
