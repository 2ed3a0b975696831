//! Hand-made reports for tests.

use crate::claim::{Claim, Form};
use crate::diagnostic::Code;
use crate::example::{Block, Document, Example};
use crate::markdown::{self, MarkdownNote};
use crate::observation::{Ending, Output, Raised};
use crate::outcome::{DocumentReport, Fix, Judgement, Outcome, Status, Trial, Verdict};
use crate::plan::{Anchor, Span, Watch};
use crate::report::{Isolation, Python, Report};
use crate::text::LineIndex;

/// A judgement with nothing but a verdict.
pub fn judgement(verdict: Verdict) -> Judgement {
    Judgement {
        verdict,
        claimed: None,
        observed: None,
        code: None,
        message: None,
        fix: None,
        executions: 1,
        trials: Vec::new(),
    }
}

/// An outcome with one claim of this verdict.
pub fn judged(verdict: Verdict) -> Outcome {
    let status = if verdict == Verdict::Mismatch { Status::Failed } else { Status::Passed };
    Outcome { judgements: vec![judgement(verdict)], ..with_ending(status, Ending::Finished) }
}

/// An outcome without claims.
pub fn with_ending(status: Status, ending: Ending) -> Outcome {
    Outcome {
        status,
        ending: Some(ending),
        seconds: 0.00421,
        cpu_seconds: 0.003,
        cached: false,
        stdout: Output::default(),
        stderr: Output::default(),
        judgements: Vec::new(),
    }
}

/// A report of one document without a text that has these outcomes.
pub fn report_of(outcomes: Vec<Outcome>) -> Report {
    let document = Document { path: "a.md".into(), text: String::new() };
    let example = Example {
        id: "1".into(),
        title: "T".into(),
        slug: "t".into(),
        line: 1,
        blocks: vec![Block { code: String::new(), first_line: 2, lines: Vec::new(), fence_line: 1 }],
        claims: Vec::new(),
        sources: Vec::new(),
        anchors: Vec::new(),
        syntax_error: None,
        skipped: None,
    };
    let examples = outcomes.into_iter().map(|outcome| (example.clone(), outcome)).collect();
    Report { documents: vec![DocumentReport { document, examples }], ..Report::default() }
}

const TEXT: &str = "\
# Sample

## Example 1: Shapes

```python
class Circle:
    @property
    def area(self):
        return 3

c = Circle()
c.area = 100          # => AttributeError: can't set attribute
print(c.area)         # => Output: 4 (rounded)
total = sum([1, 2])
                      # => total is 4
names = ['größe']     # => e.g. a list
if False:
    print('日本')      # => 日本
x = 1                 # => Calls nothing
```

## Example 2: Errors

```python
import os
raise ValueError('bad \\x1b[31m value')
print(1)              # => 1
```

## Example 3: Exits

- In a list:

  ```python
  import sys
  sys.exit(3)
  ```

## Example 4: Slow

```python
while True: pass
```

## Example 5: Broken

```python
x = = 1
```

## Example 6: Left out

```python
import tkinter        # => Opens a window
```

## Example 7: Crash

```python
crash()
```

## Example 8: Module

```python
import requests
```
";

/// The claim that stands on a line of `TEXT`.
fn claim(text: &str, line: usize, form: Form) -> Claim {
    let lines = LineIndex::new(text);
    let range = lines.range(text, line);
    let at = range.start + text[range.clone()].find("# =>").expect("a marker");
    let start = at + "# => ".len();
    Claim {
        block: 0,
        line,
        column: lines.place(text, at).1,
        end_column: lines.place(text, range.end).1,
        range: start..range.end,
        text: text[start..range.end].to_owned(),
        form,
        below: Vec::new(),
        readings: Vec::new(),
        anchors: Vec::new(),
        subjects: Vec::new(),
        beside: Default::default(),
        dormant: false,
        hedged: false,
        versions: None,
        volatile: false,
        check: None,
    }
}

fn trial(reading: &str, held: bool, firm: bool, note: &str) -> Trial {
    Trial { reading: reading.into(), held, firm, note: note.into() }
}

fn shapes(text: &str, example: &mut Example) -> Outcome {
    let span = Span { line: 14, column: 0, end_line: 14, end_column: 19 };
    example.anchors = vec![Anchor {
        source: 0,
        watch: Watch::Statement,
        span,
        probes: Vec::new(),
        value: true,
        output: false,
        announced: Default::default(),
    }];
    example.claims = vec![
        claim(text, 12, Form::Exception),
        claim(text, 13, Form::Output),
        Claim { anchors: vec![0], ..claim(text, 15, Form::Binding) },
        claim(text, 16, Form::Value),
        claim(text, 18, Form::Output),
        claim(text, 19, Form::Prose),
    ];
    let four = text.find("4 (rounded)").expect("the claim");
    let judgements = vec![
        Judgement {
            claimed: Some("AttributeError: can't set attribute".into()),
            observed: Some("AttributeError: property 'area' of 'Circle' object has no setter".into()),
            code: Some(Code::Mismatch),
            message: Some("the message of the exception is another one".into()),
            trials: vec![trial("exception AttributeError", false, true, "the message differs")],
            ..judgement(Verdict::Mismatch)
        },
        Judgement {
            claimed: Some("4".into()),
            observed: Some("3".into()),
            code: Some(Code::Mismatch),
            fix: Some(Fix { range: four..four + 1, text: "3".into(), safe: true }),
            trials: vec![
                trial("output \"4 (rounded)\"", false, true, "printed \"3\""),
                trial("output \"4\"", false, true, "printed \"3\""),
            ],
            ..judgement(Verdict::Mismatch)
        },
        Judgement {
            claimed: Some("total is 4".into()),
            observed: Some("total is 3".into()),
            code: Some(Code::Mismatch),
            fix: Some(Fix { range: four..four + 1, text: "total is 3".into(), safe: false }),
            ..judgement(Verdict::Mismatch)
        },
        Judgement {
            claimed: Some("a list".into()),
            observed: Some("['größe']\nsecond".into()),
            code: Some(Code::Suspect),
            message: Some("it says \"e.g.\", so it may not be meant literally".into()),
            ..judgement(Verdict::Suspect)
        },
        Judgement {
            code: Some(Code::Unreached),
            message: Some("the line never ran".into()),
            executions: 0,
            ..judgement(Verdict::Unreached)
        },
        judgement(Verdict::Prose),
    ];
    let stdout = Output { bytes: b"3\n".to_vec(), dropped: 0 };
    Outcome { stdout, judgements, ..with_ending(Status::Failed, Ending::Finished) }
}

fn raised(type_name: &str, message: &str) -> Raised {
    Raised { type_name: type_name.into(), message: message.into(), ..Raised::default() }
}

fn outcome(text: &str, example: &mut Example) -> Outcome {
    match example.id.as_str() {
        "1" => shapes(text, example),
        "2" => {
            example.claims = vec![claim(text, 27, Form::Value)];
            let blocked = Judgement {
                code: Some(Code::Blocked),
                message: Some("the example broke before".into()),
                executions: 0,
                ..judgement(Verdict::Blocked)
            };
            let raised = raised("ValueError", "bad \x1b[31m value");
            let ending = Ending::Exception { raised, line: Some(26) };
            Outcome { judgements: vec![blocked], ..with_ending(Status::Error, ending) }
        }
        "3" => {
            let stderr = Output { bytes: b"first\nlast words \x07\n".to_vec(), dropped: 7 };
            Outcome { stderr, ..with_ending(Status::Error, Ending::Exit { code: 3, line: Some(36) }) }
        }
        "4" => with_ending(Status::Timeout, Ending::Timeout { limit: 10.0, cpu: false }),
        "5" => {
            let message = "Expected an expression".to_owned();
            example.syntax_error = Some(crate::example::SyntaxError { message, line: 48, column: 5 });
            Outcome { ending: None, ..with_ending(Status::Error, Ending::Finished) }
        }
        "6" => {
            example.skipped = Some("needs a display".into());
            example.claims = vec![claim(text, 54, Form::Output)];
            let judgements = vec![Judgement { code: Some(Code::Skipped), ..judgement(Verdict::Skipped) }];
            Outcome { ending: None, judgements, ..with_ending(Status::Skipped, Ending::Finished) }
        }
        "7" => with_ending(Status::Error, Ending::Signal { number: 11, name: "SIGSEGV".into() }),
        _ => {
            let raised = raised("ModuleNotFoundError", "No module named 'requests'");
            let ending = Ending::MissingModule { module: "requests".into(), line: Some(66), raised };
            with_ending(Status::Error, ending)
        }
    }
}

/// A report with one of everything.
pub fn everything() -> Report {
    let document = Document { path: "docs/sample.md".into(), text: TEXT.into() };
    let (sections, _) = markdown::sections(TEXT);
    let examples = crate::extract::examples(&document, sections).into_iter().map(|mut example| {
        // What these tests are about is made by hand.
        (example.claims, example.anchors, example.syntax_error) = Default::default();
        let outcome = outcome(TEXT, &mut example);
        (example, outcome)
    });
    let examples = examples.collect();
    Report {
        documents: vec![DocumentReport { document, examples }],
        notes: vec![vec![
            MarkdownNote {
                line: 3,
                message: "unknown directive `skp`; did you mean `skip`?".into(),
                error: true,
            },
            MarkdownNote { line: 5, message: "block skipped: x".into(), error: false },
        ]],
        python: Some(Python {
            version: "3.11.7".into(),
            implementation: "CPython".into(),
            executable: "/usr/bin/python3".into(),
        }),
        isolation: Some(Isolation { kind: "partial", missing: vec!["network"], note: None }),
        seconds: 4.2,
        ..Report::default()
    }
}
