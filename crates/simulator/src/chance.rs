//! Randomness as an argument: the same seed gives the same farm, on every machine and for ever.
//! SplitMix64 (Steele, Lea, Flood 2014); good enough for weather and faults, not for secrets.

/// Mixes the bits of `x` so that neighbours have nothing in common.
pub fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A seed of its own for `name`, derived from `seed`.
pub fn seed_of(seed: u64, name: &str) -> u64 {
    name.bytes().fold(mix(seed), |hash, byte| mix(hash ^ u64::from(byte)))
}

/// A number from 0 to 1 (1 excluded) that depends on all bits of `hash`.
pub fn unit(hash: u64) -> f64 {
    f64::from(u32::try_from(mix(hash) >> 32).unwrap_or(0)) / (f64::from(u32::MAX) + 1.0)
}

/// Noise that changes smoothly with `x`, from −1 to 1: one independent value at each whole `x`,
/// and a smooth step between neighbours.
pub fn smooth_noise(seed: u64, x: f64) -> f64 {
    let (whole, part) = (x.floor(), x - x.floor());
    let at = |place: f64| unit(seed ^ mix(place.to_bits())) * 2.0 - 1.0;
    // adding zero makes −0 and 0 the same place
    let (from, to) = (at(whole + 0.0), at(whole + 1.0));
    from + (to - from) * part * part * (3.0 - 2.0 * part)
}

/// A sequence of random numbers.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The sequence of this seed.
    pub fn new(seed: u64) -> Self {
        Self(mix(seed))
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// The next number from 0 to 1 (1 excluded).
    pub fn roll(&mut self) -> f64 {
        unit(self.number())
    }

    /// The next number within `from..to`.
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.roll()
    }

    /// Whether something happens that has this probability.
    pub fn happens(&mut self, probability: f64) -> bool {
        self.roll() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rolls_are_spread_evenly() {
        let mut dice = Dice::new(7);
        let rolls: Vec<f64> = (0..10_000).map(|_| dice.roll()).collect();
        let mean = rolls.iter().sum::<f64>() / 10_000.0;
        assert!((0.48..0.52).contains(&mean), "{mean}");
        assert!(rolls.iter().all(|roll| (0.0..1.0).contains(roll)));
        assert!(rolls.iter().any(|roll| *roll < 0.01) && rolls.iter().any(|roll| *roll > 0.99));
    }

    #[test]
    fn noise_has_no_jumps_and_stays_within_one() {
        let values: Vec<f64> =
            (-5000..5000).map(|i| smooth_noise(3, f64::from(i) / 100.0)).collect();
        assert!(values.iter().all(|value| value.abs() <= 1.0));
        assert!(values.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 0.04));
    }
}
