//! Lists of functions to choose from.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{Error, Factor, FrictionKind, Function};

/// Functions that a law may be a sum of, each once, in order.
///
/// # Example
///
/// ```
/// use mass_sparse::FunctionLibrary;
///
/// let library = FunctionLibrary::polynomials(1, 2)?;
/// let names: Vec<String> = library.iter().map(|one| one.text(1)).collect();
/// assert_eq!(names, ["1", "x", "y", "x²", "x y", "y²"]);
/// # Ok::<(), mass_sparse::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunctionLibrary {
    dof: usize,
    functions: Vec<Function>,
}

impl FunctionLibrary {
    /// Functions in a library, at most: a fit's time grows with their square.
    pub const MOST: usize = 5000;

    /// These functions of `dof` degrees of freedom.
    ///
    /// # Errors
    /// [`Error::Request`] without functions or degrees of freedom, for a function of more degrees of
    /// freedom, or for more functions than [`FunctionLibrary::MOST`].
    pub fn new(dof: usize, functions: impl IntoIterator<Item = Function>) -> Result<Self, Error> {
        let mut seen = BTreeSet::new();
        let functions: Vec<Function> = functions
            .into_iter()
            .filter(|function| seen.insert(function.clone()))
            .collect();
        if let Some(function) = functions.iter().find(|one| one.least_dof() > dof) {
            return Err(Error::Request(format!(
                "{function} is of {} degrees of freedom, but the library is of {dof}",
                function.least_dof()
            )));
        }
        if functions.is_empty() || dof == 0 {
            return Err(Error::Request(
                "a library needs at least one function and one degree of freedom".into(),
            ));
        }
        if functions.len() > Self::MOST {
            return Err(Error::Request(format!(
                "the library has {} functions, but a fit takes at most {}: take a lower degree",
                functions.len(),
                Self::MOST
            )));
        }
        Ok(Self { dof, functions })
    }

    /// All products of positions and velocities up to a total degree, the constant among them, by degree.
    ///
    /// # Errors
    /// As [`FunctionLibrary::new`].
    pub fn polynomials(dof: usize, degree: usize) -> Result<Self, Error> {
        let single: Vec<Function> = (0..dof)
            .map(|i| Factor::Position(i, 1))
            .chain((0..dof).map(|i| Factor::Velocity(i, 1)))
            .map(|factor| Function::new([factor]))
            .collect();
        Self::new(dof, powers(&single, degree)?)
    }

    /// What a mechanical law is often a sum of, given which positions are angles: products up to the
    /// third degree of velocities and of those positions that are none; and, where there are angles,
    /// sines and cosines of each, of its double, and of the sum and the difference of each two, alone and
    /// times products of two velocities.
    ///
    /// Doubles and sums stand for products, sin x cos x = ½ sin 2x, which would not be independent of
    /// them: no function here is a sum of others.
    ///
    /// # Errors
    /// [`Error::Request`] for an angle that is no position; else as [`FunctionLibrary::new`].
    ///
    /// # Example
    ///
    /// ```
    /// use mass_sparse::FunctionLibrary;
    ///
    /// let pendulum = FunctionLibrary::mechanical(1, &[0])?;
    /// let names: Vec<String> = pendulum.iter().map(|one| one.text(1)).collect();
    /// assert!(names.contains(&"sin x".to_string()) && names.contains(&"y² cos x".to_string()));
    /// assert!(!names.contains(&"x".to_string()), "the angle itself makes no periodic law");
    /// # Ok::<(), mass_sparse::Error>(())
    /// ```
    pub fn mechanical(dof: usize, angles: &[usize]) -> Result<Self, Error> {
        if let Some(angle) = angles.iter().find(|angle| **angle >= dof) {
            return Err(Error::Request(format!(
                "there is no position {angle} to be an angle: there are {dof}, counted from 0"
            )));
        }
        let velocities: Vec<Function> = (0..dof)
            .map(|i| Function::new([Factor::Velocity(i, 1)]))
            .collect();
        let others: Vec<Function> = (0..dof)
            .filter(|i| !angles.contains(i))
            .map(|i| Function::new([Factor::Position(i, 1)]))
            .chain(velocities.iter().cloned())
            .collect();
        let mut functions = powers(&others, 3)?;
        let waves = waves(angles);
        let squares = velocities.iter().enumerate().flat_map(|(place, one)| {
            let others = velocities[place..].iter();
            others.map(move |other| one.times(other))
        });
        let squares: Vec<Function> = squares.collect();
        for wave in waves {
            functions.extend(squares.iter().map(|two| two.times(&wave)));
            functions.push(wave);
        }
        Self::new(dof, functions)
    }

    /// What a Lagrangian of mechanics is often a sum of, given which positions are angles: products of two
    /// velocities, yᵢ⁴, a product of positions that are no angles up to the fourth degree, and, where there are
    /// angles, sines and cosines of each, of its double, and of the sum and the difference of each two, alone and
    /// times products of two velocities or times a position that is no angle; products of two velocities times
    /// positions up to the second degree; and 1/r of two or more positions that are no angles.
    ///
    /// What leaves nothing in Euler–Lagrange's equation (constants, total derivatives) is not among them, except
    /// by accident; [`SparseLagrangian`](crate::SparseLagrangian) leaves it out.
    ///
    /// # Errors
    /// [`Error::Request`] for an angle that is no position; else as [`FunctionLibrary::new`].
    ///
    /// # Example
    ///
    /// ```
    /// use mass_sparse::FunctionLibrary;
    ///
    /// let library = FunctionLibrary::lagrangian(1, &[0])?;
    /// let names: Vec<String> = library.iter().map(|one| one.text(1)).collect();
    /// assert_eq!(names[..4], ["y²", "sin x", "cos x", "sin(2x)"]);
    /// # Ok::<(), mass_sparse::Error>(())
    /// ```
    pub fn lagrangian(dof: usize, angles: &[usize]) -> Result<Self, Error> {
        if let Some(angle) = angles.iter().find(|angle| **angle >= dof) {
            return Err(Error::Request(format!(
                "there is no position {angle} to be an angle: there are {dof}, counted from 0"
            )));
        }
        let one = |factor: Factor| Function::new([factor]);
        let others: Vec<usize> = (0..dof).filter(|i| !angles.contains(i)).collect();
        let lengths: Vec<Function> = others
            .iter()
            .map(|i| one(Factor::Position(*i, 1)))
            .collect();
        let waves = waves(angles);
        let squares: Vec<Function> = (0..dof).map(|i| one(Factor::Velocity(i, 2))).collect();
        let mixed = (0..dof).flat_map(|i| {
            let other = (i + 1..dof).map(move |j| (i, j));
            other.map(|(i, j)| Function::new([Factor::Velocity(i, 1), Factor::Velocity(j, 1)]))
        });
        let pairs: Vec<Function> = squares.iter().cloned().chain(mixed).collect();
        let degree = if dof > 3 { 2 } else { 4 };
        let mut functions = pairs.clone();
        functions.extend(waves.iter().cloned());
        functions.extend(powers(&lengths, degree)?.into_iter().skip(1));
        for wave in &waves {
            functions.extend(pairs.iter().map(|pair| pair.times(wave)));
            functions.extend(lengths.iter().map(|length| length.times(wave)));
        }
        for of in powers(&lengths, 2)?.iter().skip(1) {
            functions.extend(pairs.iter().map(|pair| pair.times(of)));
        }
        for (i, j) in (0..dof).flat_map(|i| (0..dof).map(move |j| (i, j))) {
            if i != j && others.contains(&j) {
                functions.push(Function::new([
                    Factor::Velocity(i, 1),
                    Factor::Position(j, 1),
                ]));
            }
        }
        functions.extend((0..dof).map(|i| one(Factor::Velocity(i, 4))));
        if others.len() > 1 {
            functions.push(one(Factor::Radius(others.clone(), -1)));
            functions.push(one(Factor::Radius(others, -2)));
        }
        Self::new(dof, functions)
    }

    /// What the Lagrangian of a textbook's mechanism is a sum of, few functions of many: products of two velocities;
    /// weights on rods, cos xᵢ and sin xᵢ, what two rods at one another have, yᵢ yⱼ cos(xᵢ − xⱼ) and cos(xᵢ − xⱼ),
    /// and a rod on what slides, yᵢ yⱼ cos xⱼ and yᵢ yⱼ sin xⱼ; springs, xᵢ² and xᵢ xⱼ, and weights, xᵢ; and 1/r.
    ///
    /// # Errors
    /// As [`FunctionLibrary::lagrangian`], whose functions these are some of.
    ///
    /// ```
    /// use mass_sparse::FunctionLibrary;
    ///
    /// let cart = FunctionLibrary::textbook(2, &[1])?;
    /// let names: Vec<String> = cart.iter().map(|one| one.text(2)).collect();
    /// assert_eq!(names.len(), 9);
    /// assert!(cart.len() < FunctionLibrary::lagrangian(2, &[1])?.len() / 2);
    /// # Ok::<(), mass_sparse::Error>(())
    /// ```
    pub fn textbook(dof: usize, angles: &[usize]) -> Result<Self, Error> {
        let is_angle = |i: usize| angles.contains(&i);
        let simple = |function: &Function| {
            let factors = function.factors();
            let speeds: Vec<(usize, i32)> = factors
                .iter()
                .filter_map(|factor| match factor {
                    Factor::Velocity(i, p) => Some((*i, *p)),
                    _ => None,
                })
                .collect();
            let wave = factors.iter().find_map(|factor| match factor {
                Factor::Sine(of) => Some((of.clone(), true)),
                Factor::Cosine(of) => Some((of.clone(), false)),
                _ => None,
            });
            let places: i32 = factors
                .iter()
                .map(|factor| match factor {
                    Factor::Position(_, p) => *p,
                    _ => 0,
                })
                .sum();
            let two = speeds.iter().map(|(_, p)| p).sum::<i32>() == 2;
            match (&speeds[..], &wave) {
                ([], None) => {
                    places <= 2 && !factors.iter().any(|f| matches!(f, Factor::Radius(_, -2)))
                }
                (_, None) => two && places == 0,
                ([], Some((of, sine))) => match of[..] {
                    [(_, 1)] => places == 0,
                    [(_, 1), (_, -1)] => places == 0 && !sine,
                    _ => false,
                },
                ([(i, 1), (j, 1)], Some((of, sine))) => {
                    places == 0
                        && match of[..] {
                            [(a, 1), (b, -1)] => (a, b) == (*i, *j) && !sine,
                            [(k, 1)] => (k == *i || k == *j) && !(is_angle(*i) && is_angle(*j)),
                            _ => false,
                        }
                }
                _ => false,
            }
        };
        let all = Self::lagrangian(dof, angles)?;
        Self::new(dof, all.functions.into_iter().filter(simple))
    }

    /// Dry and quadratic friction of each degree of freedom, sign yᵢ and yᵢ |yᵢ|.
    ///
    /// # Errors
    /// As [`FunctionLibrary::new`].
    ///
    /// ```
    /// let friction = mass_sparse::FunctionLibrary::friction(1)?;
    /// let names: Vec<String> = friction.iter().map(|one| one.text(1)).collect();
    /// assert_eq!(names, ["sign y", "y |y|"]);
    /// # Ok::<(), mass_sparse::Error>(())
    /// ```
    pub fn friction(dof: usize) -> Result<Self, Error> {
        let kinds = [FrictionKind::Dry, FrictionKind::Quadratic];
        let each = (0..dof).flat_map(|i| kinds.map(|kind| kind.function(i)));
        Self::new(dof, each)
    }

    /// Products of two angles, as the Lagrangian of a spring that is wound up, or that joins two of them, is made of; and,
    /// where there are lengths beside, of an angle and a length, and the angle itself, which is what is left of that product
    /// where the length is counted from elsewhere: a spring that turns as it is stretched (Wilberforce's pendulum). They are
    /// no functions of a turn, and so in none of the other libraries.
    ///
    /// # Errors
    /// [`Error::Request`] without an angle, or for one that is no position.
    ///
    /// ```
    /// let springs = mass_sparse::FunctionLibrary::springs_of_angles(2, &[0, 1])?;
    /// let names: Vec<String> = springs.iter().map(|one| one.text(2)).collect();
    /// assert_eq!(names, ["x₁²", "x₁ x₂", "x₂²"]);
    ///
    /// let wilberforce = mass_sparse::FunctionLibrary::springs_of_angles(2, &[1])?;
    /// let names: Vec<String> = wilberforce.iter().map(|one| one.text(2)).collect();
    /// assert_eq!(names, ["x₂²", "x₁ x₂", "x₂"]);
    /// # Ok::<(), mass_sparse::Error>(())
    /// ```
    pub fn springs_of_angles(dof: usize, angles: &[usize]) -> Result<Self, Error> {
        let one = |k: usize| Function::new([Factor::Position(k, 1)]);
        let pairs = angles.iter().enumerate().flat_map(|(place, i)| {
            let others = angles[place..].iter();
            others.map(move |j| one(*i).times(&one(*j)))
        });
        let mut all: Vec<Function> = pairs.collect();
        let lengths: Vec<usize> = (0..dof).filter(|k| !angles.contains(k)).collect();
        for angle in angles.iter().filter(|_| !lengths.is_empty()) {
            all.extend(lengths.iter().map(|k| one(*k).times(&one(*angle))));
            all.push(one(*angle));
        }
        Self::new(dof, all)
    }

    /// The library with the functions of another behind its own.
    ///
    /// # Errors
    /// [`Error::Request`] if the other is of another number of degrees of freedom, else as
    /// [`FunctionLibrary::new`].
    pub fn and(self, other: Self) -> Result<Self, Error> {
        if self.dof != other.dof {
            return Err(Error::Request(format!(
                "libraries of {} and of {} degrees of freedom do not join",
                self.dof, other.dof
            )));
        }
        Self::new(self.dof, self.functions.into_iter().chain(other.functions))
    }

    /// Degrees of freedom, d.
    pub fn dof(&self) -> usize {
        self.dof
    }

    /// How many functions there are, F.
    pub fn len(&self) -> usize {
        self.functions.len()
    }

    /// Whether there are none; never.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The functions, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Function> {
        self.functions.iter()
    }

    /// The functions, in order `[F]`.
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }
}

/// Sines and cosines of each angle, of its double, and of the difference and the sum of each two.
fn waves(angles: &[usize]) -> Vec<Function> {
    let mut arguments: Vec<Vec<(usize, i32)>> =
        angles.iter().map(|angle| vec![(*angle, 1)]).collect();
    arguments.extend(angles.iter().map(|angle| vec![(*angle, 2)]));
    for (place, first) in angles.iter().enumerate() {
        for second in &angles[place + 1..] {
            arguments.push(vec![(*first, 1), (*second, -1)]);
            arguments.push(vec![(*first, 1), (*second, 1)]);
        }
    }
    arguments
        .iter()
        .flat_map(|of| [Factor::Sine(of.clone()), Factor::Cosine(of.clone())])
        .map(|factor| Function::new([factor]))
        .collect()
}

/// All products of up to `degree` of these, by degree.
fn powers(of: &[Function], degree: usize) -> Result<Vec<Function>, Error> {
    let mut all = vec![Function::one()];
    // The last degree's products, each with the place of its last factor.
    let mut last = vec![(0, Function::one())];
    for _ in 0..degree {
        let mut next = Vec::new();
        for (from, product) in &last {
            for (place, factor) in of.iter().enumerate().skip(*from) {
                next.push((place, product.times(factor)));
            }
        }
        all.extend(next.iter().map(|(_, product)| product.clone()));
        if all.len() > FunctionLibrary::MOST {
            return Err(Error::Request(format!(
                "products of degree {degree} of {} variables are more than {}: take a lower degree",
                of.len(),
                FunctionLibrary::MOST
            )));
        }
        last = next;
    }
    Ok(all)
}
