//! What is wrong with the settings: all of it at once, each with its name and its mending.
use std::fmt;

/// One wrong setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    setting: String,
    fault: String,
    mending: String,
}

impl Problem {
    /// `setting` is the variable's name, `fault` what is wrong with it and `mending` what to do.
    /// Neither may hold a password: they are printed.
    pub fn new(
        setting: impl Into<String>,
        fault: impl Into<String>,
        mending: impl Into<String>,
    ) -> Self {
        Self { setting: setting.into(), fault: fault.into(), mending: mending.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    fix: {}", self.setting, self.fault, self.mending)
    }
}

/// All wrong settings found in one reading.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Remembers one.
    pub fn add(&mut self, problem: Problem) {
        self.0.push(problem);
    }

    /// Remembers those of another reading.
    pub fn extend(&mut self, others: Problems) {
        self.0.extend(others.0);
    }

    /// The value of `result`; its problem is remembered and there is no value then.
    pub fn keep<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `value` if nothing was wrong.
    pub fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "one setting is wrong")?,
            number => writeln!(f, "{number} settings are wrong")?,
        }
        self.0.iter().try_for_each(|problem| writeln!(f, "  {problem}"))
    }
}

impl std::error::Error for Problems {}
