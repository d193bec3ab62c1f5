//! Where each theory holds: borders across the arena.

use serde::{Deserialize, Serialize};

use crate::fraction::{Fraction, fraction_value, simplest_between};

/// Which theory holds for a window.
pub trait Domains {
    /// The theory, counted from 0, for past positions `[T·D]`, oldest first.
    fn theory(&self, inputs: &[f64]) -> usize;
}

/// A tree of borders, each a value of one coordinate of the latest position r_{t−1}.
///
/// # Example
/// ```
/// use mass_physicist::{BorderTree, Domains, Fraction};
///
/// let tree = BorderTree::border(0, Fraction::new(1, 2), BorderTree::leaf(0, 1), BorderTree::leaf(1, 1));
/// assert_eq!((tree.theory(&[0.0, 0.4]), tree.theory(&[0.0, 0.6])), (0, 1));
/// assert_eq!(tree.to_string(), "if x0 < 1/2: theory 0; else: theory 1");
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BorderTree {
    dimension: usize,
    root: Node,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Node {
    Leaf(usize),
    Border {
        axis: usize,
        at: Fraction,
        value: f64,
        /// From where to where the data do not tell it; not finite for one that was not found in data.
        #[serde(default = "unknown")]
        between: [Option<f64>; 2],
        below: Box<Node>,
        above: Box<Node>,
    },
}

fn unknown() -> [Option<f64>; 2] {
    [None; 2]
}

/// A border of a [`BorderTree`], with what the data say of its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Border {
    /// The coordinate, counted from 0.
    pub axis: usize,
    /// Its value, the simplest fraction that the data allow.
    pub at: Fraction,
    /// From where to where the data do not tell the border's place: there the windows' description is at most two bits
    /// longer than at the best place (a likelihood of a quarter at least), and the gap between the nearest windows that
    /// lie wholly on one side. Without noise the two are the same. None for a border that was not found in data.
    pub between: Option<[f64; 2]>,
    /// The box in which the border lies, as [`BorderTree::regions`] says it.
    pub within: Vec<[Option<Fraction>; 2]>,
}

/// Borders are not placed closer than this lets them, in bits.
const SLACK: f64 = 2.0;
/// Borders in a row.
const DEPTH: usize = 4;
/// Values of a coordinate at which a first border is tried.
const GRID: usize = 12;

impl BorderTree {
    /// One theory everywhere, for positions of D coordinates.
    pub fn leaf(theory: usize, dimension: usize) -> Self {
        Self {
            dimension,
            root: Node::Leaf(theory),
        }
    }

    /// A border at a value of a coordinate, between two trees of the same D.
    pub fn border(axis: usize, at: Fraction, below: Self, above: Self) -> Self {
        Self {
            dimension: below.dimension,
            root: Node::Border {
                axis,
                at,
                value: fraction_value(at),
                between: unknown(),
                below: Box::new(below.root),
                above: Box::new(above.root),
            },
        }
    }

    /// The theory at a position `[D]`.
    pub fn at(&self, position: &[f64]) -> usize {
        self.root.at(position)
    }

    /// Every border: the coordinate, counted from 0, and its value; from the first on.
    pub fn borders(&self) -> Vec<(usize, Fraction)> {
        let mut found = Vec::new();
        self.root.visit(&mut |node| {
            if let Node::Border { axis, at, .. } = node {
                found.push((*axis, *at));
            }
        });
        found
    }

    /// The same borders in the same order, each with the interval in which it is and where it is one.
    pub fn placed_borders(&self) -> Vec<Border> {
        let mut found = Vec::new();
        self.root
            .borders(&mut vec![[None; 2]; self.dimension], &mut found);
        found
    }

    /// Every leaf's theory and the box where it holds: for each coordinate from which value, itself within, up to
    /// which, itself without; none where there is no border.
    pub fn regions(&self) -> Vec<(usize, Vec<[Option<Fraction>; 2]>)> {
        let mut found = Vec::new();
        self.root
            .regions(&mut vec![[None; 2]; self.dimension], &mut found);
        found
    }

    /// The theories that hold somewhere, in order.
    pub fn theories(&self) -> Vec<usize> {
        let mut found = Vec::new();
        self.root.visit(&mut |node| {
            if let Node::Leaf(theory) = node {
                found.push(*theory);
            }
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Bits of its description: a coordinate and a fraction for each border, a theory for each leaf.
    pub fn bits(&self) -> f64 {
        let theories = self.theories().len().max(1) as f64;
        let mut bits = 0.0;
        self.root.visit(&mut |node| {
            bits += match node {
                Node::Leaf(_) => theories.log2(),
                Node::Border { at, .. } => {
                    (self.dimension as f64).log2()
                        + crate::description::rational_bits(*at.numer(), at.denom().unsigned_abs())
                }
            }
        });
        bits
    }

    /// Borders' intervals reach from window to window of those that lie wholly on one side, positions `[n, D]`: with
    /// noise a window that straddles a border may count for either side.
    pub(crate) fn widen(&mut self, pure: &[&[f64]]) {
        self.root.widen(pure);
    }

    /// The same with theories numbered anew.
    pub(crate) fn renumbered(mut self, new: &[usize]) -> Self {
        self.root.renumber(new);
        self.root.join();
        self
    }

    /// The tree of least cost: `positions` `[N, D]`, `costs` `[N, M]` in bits of each window under each theory, and
    /// the bits that a border must save.
    pub(crate) fn fit(positions: &[f64], d: usize, costs: &[f64], m: usize, price: f64) -> Self {
        let data = Data {
            positions,
            costs,
            d,
            m,
            price,
        };
        let all: Vec<u32> = (0..(positions.len() / d) as u32).collect();
        let orders: Orders = (0..d)
            .map(|axis| {
                let mut order = all.clone();
                let value = |w: &u32| positions[*w as usize * d + axis];
                order.sort_unstable_by(|a, b| value(a).total_cmp(&value(b)));
                order
            })
            .collect();
        let mut root = data.node(&orders, DEPTH).0;
        data.place(&mut root, &all);
        Self { dimension: d, root }
    }
}

impl Domains for BorderTree {
    fn theory(&self, inputs: &[f64]) -> usize {
        self.at(&inputs[inputs.len().saturating_sub(self.dimension)..])
    }
}

impl std::fmt::Display for BorderTree {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.root.write(f)
    }
}

impl Node {
    fn at(&self, position: &[f64]) -> usize {
        match self {
            Self::Leaf(theory) => *theory,
            Self::Border {
                axis,
                value,
                below,
                above,
                ..
            } => {
                if position[*axis] < *value {
                    below.at(position)
                } else {
                    above.at(position)
                }
            }
        }
    }

    fn visit(&self, what: &mut impl FnMut(&Self)) {
        what(self);
        if let Self::Border { below, above, .. } = self {
            below.visit(what);
            above.visit(what);
        }
    }

    fn regions(
        &self,
        place: &mut Vec<[Option<Fraction>; 2]>,
        found: &mut Vec<(usize, Vec<[Option<Fraction>; 2]>)>,
    ) {
        match self {
            Self::Leaf(theory) => found.push((*theory, place.clone())),
            Self::Border {
                axis,
                at,
                below,
                above,
                ..
            } => {
                for (side, node) in [(1, below), (0, above)] {
                    let before = place[*axis][side].replace(*at);
                    node.regions(place, found);
                    place[*axis][side] = before;
                }
            }
        }
    }

    fn borders(&self, place: &mut Vec<[Option<Fraction>; 2]>, found: &mut Vec<Border>) {
        let Self::Border {
            axis,
            at,
            between,
            below,
            above,
            ..
        } = self
        else {
            return;
        };
        found.push(Border {
            axis: *axis,
            at: *at,
            between: match between {
                [Some(low), Some(high)] => Some([*low, *high]),
                _ => None,
            },
            within: place.clone(),
        });
        for (side, node) in [(1, below), (0, above)] {
            let before = place[*axis][side].replace(*at);
            node.borders(place, found);
            place[*axis][side] = before;
        }
    }

    fn widen(&mut self, pure: &[&[f64]]) {
        let Self::Border {
            axis,
            value,
            between: [Some(low), Some(high)],
            below,
            above,
            ..
        } = self
        else {
            return;
        };
        let (first, second): (Vec<&[f64]>, Vec<&[f64]>) =
            pure.iter().partition(|place| place[*axis] < *value);
        let of = |places: &[&[f64]]| places.iter().map(|place| place[*axis]).collect::<Vec<_>>();
        let greatest = of(&first).into_iter().fold(f64::NEG_INFINITY, f64::max);
        let least = of(&second).into_iter().fold(f64::INFINITY, f64::min);
        if greatest.is_finite() {
            *low = low.min(greatest);
        }
        if least.is_finite() {
            *high = high.max(least);
        }
        below.widen(&first);
        above.widen(&second);
    }

    fn renumber(&mut self, new: &[usize]) {
        match self {
            Self::Leaf(theory) => *theory = new[*theory],
            Self::Border { below, above, .. } => {
                below.renumber(new);
                above.renumber(new);
            }
        }
    }

    /// Borders between a theory and itself go.
    fn join(&mut self) {
        if let Self::Border { below, above, .. } = self {
            below.join();
            above.join();
            if let (Self::Leaf(a), Self::Leaf(b)) = (&**below, &**above)
                && a == b
            {
                *self = Self::Leaf(*a);
            }
        }
    }

    fn write(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Leaf(theory) => write!(f, "theory {theory}"),
            Self::Border {
                axis,
                at,
                below,
                above,
                ..
            } => {
                write!(f, "if x{axis} < {at}: ")?;
                let inner = matches!(**below, Self::Border { .. });
                if inner {
                    write!(f, "(")?;
                }
                below.write(f)?;
                write!(f, "{}; else: ", if inner { ")" } else { "" })?;
                above.write(f)
            }
        }
    }
}

/// Windows in order of each coordinate.
type Orders = Vec<Vec<u32>>;

struct Data<'a> {
    positions: &'a [f64],
    costs: &'a [f64],
    d: usize,
    m: usize,
    price: f64,
}

fn least(sums: &[f64]) -> (f64, usize) {
    let mut best = (f64::INFINITY, 0);
    for (theory, sum) in sums.iter().enumerate() {
        if *sum < best.0 {
            best = (*sum, theory);
        }
    }
    best
}

impl Data<'_> {
    fn value(&self, window: u32, axis: usize) -> f64 {
        self.positions[window as usize * self.d + axis]
    }

    fn costs(&self, window: u32) -> &[f64] {
        &self.costs[window as usize * self.m..(window as usize + 1) * self.m]
    }

    fn sums(&self, windows: &[u32]) -> Vec<f64> {
        let mut sums = vec![0.0; self.m];
        for window in windows {
            sums.iter_mut()
                .zip(self.costs(*window))
                .for_each(|(s, c)| *s += c);
        }
        sums
    }

    /// The best single border: cost, axis and value.
    fn single(&self, orders: &Orders) -> Option<(f64, usize, f64)> {
        let total = self.sums(&orders[0]);
        let mut best: Option<(f64, usize, f64)> = None;
        let mut below = vec![0.0; self.m];
        for (axis, order) in orders.iter().enumerate() {
            below.fill(0.0);
            for pair in order.windows(2) {
                below
                    .iter_mut()
                    .zip(self.costs(pair[0]))
                    .for_each(|(s, c)| *s += c);
                let (low, high) = (self.value(pair[0], axis), self.value(pair[1], axis));
                if low == high {
                    continue;
                }
                let left = least(&below).0;
                let right = below.iter().zip(&total).map(|(b, t)| t - b);
                let cost = left + right.fold(f64::INFINITY, f64::min);
                if best.is_none_or(|(least, ..)| cost < least) {
                    best = Some((cost, axis, 0.5 * (low + high)));
                }
            }
        }
        best
    }

    fn cut(&self, orders: &Orders, axis: usize, value: f64) -> (Orders, Orders) {
        let side = |below: bool| {
            orders
                .iter()
                .map(|order| {
                    let kept = order.iter().copied();
                    kept.filter(|w| (self.value(*w, axis) < value) == below)
                        .collect()
                })
                .collect()
        };
        (side(true), side(false))
    }

    /// The best subtree of these windows, with its cost.
    fn node(&self, orders: &Orders, depth: usize) -> (Node, f64) {
        let (alone, theory) = least(&self.sums(&orders[0]));
        let leaf = (Node::Leaf(theory), alone);
        if depth == 0 || orders[0].len() < 4 || alone < self.price {
            return leaf;
        }
        // What the best theory of every single window would cost: no tree does better.
        let bound: f64 = orders[0].iter().map(|w| least(self.costs(*w)).0).sum();
        if alone - bound < self.price {
            return leaf;
        }
        let Some(first) = self.single(orders) else {
            return leaf;
        };
        // One step ahead: the best first border is the one whose two sides can be told apart best.
        let mut tried: Vec<(usize, f64)> = vec![(first.1, first.2)];
        if depth > 1 && first.0 - bound > self.price {
            for (axis, order) in orders.iter().enumerate() {
                let at = |k: usize| self.value(order[k * order.len() / GRID], axis);
                tried.extend((1..GRID).map(|k| (axis, at(k))));
            }
        }
        let mut best: Option<(f64, usize, f64)> = None;
        let mut next = 0;
        let grid = tried.len();
        while next < tried.len() {
            let (axis, value) = tried[next];
            next += 1;
            let (below, above) = self.cut(orders, axis, value);
            let mut cost = 0.0;
            for side in [&below, &above] {
                let whole = least(&self.sums(&side[0])).0;
                match self.single(side).filter(|_| depth > 1) {
                    Some((cut, axis, value)) if cut + self.price < whole => {
                        cost += cut + self.price;
                        // A border of one side may be one of the whole.
                        if next <= grid && grid > 1 && !tried.contains(&(axis, value)) {
                            tried.push((axis, value));
                        }
                    }
                    _ => cost += whole,
                }
            }
            if best.is_none_or(|(least, ..)| cost < least) {
                best = Some((cost, axis, value));
            }
        }
        let Some((_, axis, value)) = best else {
            return leaf;
        };
        let (below, above) = self.cut(orders, axis, value);
        if below[0].is_empty() || above[0].is_empty() {
            return leaf;
        }
        let (below, left) = self.node(&below, depth - 1);
        let (above, right) = self.node(&above, depth - 1);
        let cost = left + right + self.price;
        if cost >= alone {
            return leaf;
        }
        let node = Node::Border {
            axis,
            at: simplest_between(value, value),
            value,
            between: unknown(),
            below: Box::new(below),
            above: Box::new(above),
        };
        (node, cost)
    }

    /// Puts each border at the simplest fraction among the values that the windows cannot tell apart.
    fn place(&self, node: &mut Node, windows: &[u32]) {
        let Node::Border {
            axis,
            at,
            value,
            between,
            below,
            above,
        } = node
        else {
            return;
        };
        let axis = *axis;
        let mut order = windows.to_vec();
        order.sort_unstable_by(|a, b| self.value(*a, axis).total_cmp(&self.value(*b, axis)));
        // By how much a window prefers to be above.
        let gains: Vec<f64> = order
            .iter()
            .map(|w| {
                let position = &self.positions[*w as usize * self.d..(*w as usize + 1) * self.d];
                let costs = self.costs(*w);
                costs[below.at(position)] - costs[above.at(position)]
            })
            .collect();
        let mut sums = Vec::with_capacity(gains.len() + 1);
        let mut sum = 0.0;
        sums.push(0.0);
        for gain in &gains {
            sum += gain;
            sums.push(sum);
        }
        // sums[k]: cost when the first k are below.
        let now = order.partition_point(|w| self.value(*w, axis) < *value);
        let mut best = now;
        // Downhill from where it is: a border of another place would be another border.
        for k in 1..order.len() {
            if sums[k] < sums[best] {
                best = k;
            }
        }
        let (mut low, mut high) = (best, best);
        while low > 1 && sums[low - 1] <= sums[best] + SLACK {
            low -= 1;
        }
        while high + 1 < order.len() && sums[high + 1] <= sums[best] + SLACK {
            high += 1;
        }
        if low > 0 && high < order.len() {
            let from = self.value(order[low - 1], axis);
            let to = self.value(order[high], axis);
            *between = [Some(from), Some(to)];
            let ends = [order[0], order[order.len() - 1]].map(|w| self.value(w, axis));
            // Not finer than a ten-thousandth of the windows' spread: digits beyond say nothing.
            let middle = 0.5 * (from + to);
            let half = (0.5 - 1e-9) * (to - from).max(1e-4 * (ends[1] - ends[0]));
            let simplest = simplest_between(middle - half, middle + half);
            *at = simplest;
            *value = fraction_value(simplest);
        }
        let cut = *value;
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for window in windows {
            if self.value(*window, axis) < cut {
                first.push(*window);
            } else {
                second.push(*window);
            }
        }
        self.place(below, &first);
        self.place(above, &second);
    }
}
