//! The stable codes of what can be wrong with a document.

/// A diagnostic code. The number never changes its meaning; a retired one is not used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A claim that is not true.
    Mismatch,
    /// A claim that is probably not meant literally, or probably not true.
    Suspect,
    /// A claim whose code never ran.
    Unreached,
    /// A claim that could not be judged since its example broke.
    Blocked,
    /// An example that ended by an exception that nothing announced.
    Exception,
    /// An example that ended before its last statement.
    EarlyExit,
    /// An example that was killed by a signal.
    Crash,
    /// An example that took too long.
    Timeout,
    /// A block that Python cannot parse.
    Syntax,
    /// An example that needs a module that is not installed.
    MissingModule,
    /// The tool's own worker failed.
    Worker,
    /// A claim or an example that was skipped.
    Skipped,
}

impl Code {
    pub const ALL: [Code; 12] = [
        Code::Mismatch,
        Code::Suspect,
        Code::Unreached,
        Code::Blocked,
        Code::Exception,
        Code::EarlyExit,
        Code::Crash,
        Code::Timeout,
        Code::Syntax,
        Code::MissingModule,
        Code::Worker,
        Code::Skipped,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Code::Mismatch => "V001",
            Code::Suspect => "V002",
            Code::Unreached => "V003",
            Code::Blocked => "V004",
            Code::Skipped => "V005",
            Code::Exception => "V101",
            Code::EarlyExit => "V102",
            Code::Crash => "V103",
            Code::Timeout => "V104",
            Code::Syntax => "V105",
            Code::MissingModule => "V106",
            Code::Worker => "V901",
        }
    }

    /// The headline of the diagnostic.
    pub fn title(self) -> &'static str {
        match self {
            Code::Mismatch => "claim does not match",
            Code::Suspect => "claim is doubtful",
            Code::Unreached => "claim was never reached",
            Code::Blocked => "claim could not be judged",
            Code::Skipped => "not checked",
            Code::Exception => "example raised an exception",
            Code::EarlyExit => "example ended before its last line",
            Code::Crash => "example was killed",
            Code::Timeout => "example took too long",
            Code::Syntax => "block is not valid Python",
            Code::MissingModule => "example needs a module that is not installed",
            Code::Worker => "verify could not run the example",
        }
    }
}
