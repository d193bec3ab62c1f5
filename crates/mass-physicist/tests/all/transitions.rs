//! Small domains by the intersection of flows, and borders with what is known of their place.

use mass_physicist::{
    BorderTree, Discovery, DivideAndConquer, Fraction, Modern, Observations, Transition,
    TransitionKind, Windows, WorldKind, WorldRequest,
};

fn world(kind: WorldKind, id: u32, noise: f64) -> (Discovery<BorderTree>, Windows) {
    let request = WorldRequest {
        windows: 3000,
        ..WorldRequest::new(kind, id, 0)
    };
    let (_, seen) = request.make().unwrap();
    let windows = seen.with_noise(noise, 5).windows(2).unwrap();
    (Modern::default().discover(&windows).unwrap(), windows)
}

fn of(events: &[Transition], kind: TransitionKind) -> Vec<&Transition> {
    events.iter().filter(|event| event.kind == kind).collect()
}

/// A ball that falls by 1 and bounces off the floor at 0: thrown up at speed 1 it is back after 2.
#[test]
fn a_ball_on_a_floor_bounces_when_and_where_it_does() {
    let at = |t: f64| {
        let t = t % 2.0;
        t - 0.5 * t * t
    };
    let rows = (0..400).map(|k| at(0.3 + 0.07 * f64::from(k))).collect();
    let seen = Observations::new(1, 0.07, vec![rows]).unwrap();
    let windows = seen.windows(2).unwrap();
    let found = Modern::default().discover(&windows).unwrap();
    assert_eq!(found.theories.len(), 1);
    let transitions = found.transitions(&windows).unwrap();
    let bounces = of(&transitions.events, TransitionKind::Bounce);
    // At 2 k − 0.3, up to 0.07 · 399.
    assert_eq!(bounces.len(), 14, "{:?}", transitions.events);
    for (k, bounce) in bounces.iter().enumerate() {
        let right = 2.0 * (k + 1) as f64 - 0.3;
        assert!((bounce.time - right).abs() < 1e-8, "{bounce:?}");
        assert!(bounce.position[0].abs() < 1e-8, "{bounce:?}");
        assert!((bounce.before[0] + 1.0).abs() < 1e-7 && (bounce.after[0] - 1.0).abs() < 1e-7);
        assert_eq!(bounce.normal(), Some(vec![1.0]));
    }
    assert!(transitions.unexplained.is_empty(), "{transitions:?}");
    assert!(transitions.explained(TransitionKind::Passage).is_empty());
}

#[test]
fn passages_are_on_the_axes_and_bounces_on_the_walls() {
    for (kind, id) in [
        (WorldKind::Gravity, 1),
        (WorldKind::Bounce, 1),
        (WorldKind::GravityHarmonic, 2),
        (WorldKind::All, 4),
    ] {
        let (found, windows) = world(kind, id, 0.0);
        let transitions = found.transitions(&windows).unwrap();
        let passages = of(&transitions.events, TransitionKind::Passage);
        assert!(passages.len() > 5, "{kind:?}: {}", passages.len());
        for event in &passages {
            let least = event
                .position
                .iter()
                .fold(f64::INFINITY, |m, p| m.min(p.abs()));
            assert!(least < 1e-6, "{kind:?}: {event:?}");
        }
        for event in of(&transitions.events, TransitionKind::Bounce) {
            let normal = event.normal().unwrap();
            let axis = usize::from(normal[1].abs() > normal[0].abs());
            assert!(normal[axis].abs() > 1.0 - 1e-6, "{kind:?}: {event:?}");
            let wall = event.position[axis].abs();
            let outer = (wall - 2.0).abs() < 1e-6;
            assert!(
                outer || (kind == WorldKind::Bounce && wall < 1e-6),
                "{kind:?}: {event:?}"
            );
        }
        // Every window is explained once, or by an event, or not at all.
        let mut straddling: Vec<usize> = transitions
            .events
            .iter()
            .flat_map(|event| event.windows.iter().copied())
            .chain(transitions.unexplained.iter().copied())
            .collect();
        straddling.sort_unstable();
        let none: Vec<usize> = (0..windows.len())
            .filter(|w| found.explained_by[*w].is_none())
            .collect();
        assert_eq!(straddling, none, "{kind:?}");
        let share = transitions.unexplained.len() as f64 / none.len() as f64;
        assert!(share < 0.2, "{kind:?}: {share}");
    }
}

#[test]
fn a_row_that_is_wrong_is_no_transition() {
    let request = WorldRequest {
        windows: 3000,
        ..WorldRequest::new(WorldKind::Gravity, 1, 0)
    };
    let (_, seen) = request.make().unwrap();
    let windows = seen.windows(2).unwrap();
    let found = Modern::default().discover(&windows).unwrap();
    // A row amid a stretch of one theory.
    let calm = (20..windows.len() - 20)
        .find(|w| {
            (w - 10..w + 10).all(|v| {
                found.explained_by[v] == found.explained_by[*w] && found.explained_by[v].is_some()
            })
        })
        .unwrap();
    let (_, row) = windows.place(calm);
    let mut rows = seen.trajectories()[0].clone();
    rows[2 * row] += 0.01;
    let spoilt = Observations::new(2, seen.step(), vec![rows])
        .unwrap()
        .windows(2)
        .unwrap();
    let found = Modern::default().discover(&spoilt).unwrap();
    let transitions = found.transitions(&spoilt).unwrap();
    for w in [calm, calm + 1, calm + 2] {
        assert!(transitions.unexplained.contains(&w), "{w}");
    }
}

#[test]
fn other_windows_than_those_of_the_theories_are_refused() {
    let (found, windows) = world(WorldKind::Gravity, 1, 0.0);
    let fewer = windows.subset(&(0..100).collect::<Vec<_>>());
    assert!(found.transitions(&fewer).unwrap_err().is_request());
}

#[test]
fn borders_are_told_with_their_errors() {
    for noise in [0.0, 1e-4] {
        let (found, windows) = world(WorldKind::GravityHarmonic, 1, noise);
        let borders = found.domains.placed_borders();
        let plain = found.domains.borders();
        assert!(!borders.is_empty());
        assert_eq!(
            plain,
            borders.iter().map(|b| (b.axis, b.at)).collect::<Vec<_>>()
        );
        let transitions = found.transitions(&windows).unwrap();
        // With noise a strip beside the border may get a border of its own.
        let told = borders.iter().filter(|border| {
            let [low, high] = border.between.unwrap();
            noise == 0.0 || (low < 0.0 && high > 0.0)
        });
        let told: Vec<_> = told.collect();
        assert!(!told.is_empty(), "{borders:?}");
        for border in told {
            let [low, high] = border.between.unwrap();
            assert!(
                low < 0.0 && high > 0.0 && high - low < 0.2,
                "{noise}: {border:?}"
            );
            if noise == 0.0 {
                // A gap: no window that a theory explains lies in it, of those in the border's box.
                let inside = |w: &usize| {
                    let place = windows.position(*w);
                    let value = |f: Fraction| *f.numer() as f64 / *f.denom() as f64;
                    let boxed = place.iter().zip(&border.within).all(|(p, ends)| {
                        ends[0].is_none_or(|from| *p >= value(from))
                            && ends[1].is_none_or(|to| *p < value(to))
                    });
                    boxed && place[border.axis] > low && place[border.axis] < high
                };
                let explained = (0..windows.len()).filter(|w| found.explained_by[*w].is_some());
                assert_eq!(explained.filter(inside).count(), 0, "{border:?}");
            }
            let crossings = transitions.crossings(border.axis, low, high).unwrap();
            assert!(crossings.count > 5, "{crossings:?}");
            let bound = if noise == 0.0 { 1e-8 } else { 2e-3 };
            assert!(crossings.mean.abs() < bound, "{noise}: {crossings:?}");
            assert!(
                crossings.mean.abs() < 5.0 * crossings.standard_error + 1e-9,
                "{noise}: {crossings:?}"
            );
        }
    }
    let tree = BorderTree::border(
        0,
        Fraction::new(1, 2),
        BorderTree::leaf(0, 1),
        BorderTree::leaf(1, 1),
    );
    assert_eq!(tree.placed_borders()[0].between, None);
}
