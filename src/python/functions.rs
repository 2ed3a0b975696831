//! The functions that code defines, with the names of their parameters.

use ruff_python_ast as ast;
use ruff_python_ast::visitor::{Visitor, walk_stmt};

/// A `def`, or the `__init__` of a class under the class's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    pub parameters: Vec<String>,
}

/// All functions, methods and classes with an `__init__`, wherever they stand.
pub fn functions(body: &[ast::Stmt]) -> Vec<Function> {
    let mut finder = Finder { class: None, found: Vec::new() };
    body.iter().for_each(|stmt| finder.visit_stmt(stmt));
    finder.found
}

struct Finder {
    class: Option<String>,
    found: Vec<Function>,
}

impl<'a> Visitor<'a> for Finder {
    fn visit_stmt(&mut self, stmt: &'a ast::Stmt) {
        let outer = self.class.take();
        match stmt {
            ast::Stmt::FunctionDef(def) => {
                let constructor = outer.clone().filter(|_| def.name.as_str() == "__init__");
                let name = constructor.unwrap_or_else(|| def.name.to_string());
                let parameters =
                    def.parameters.iter().map(|parameter| parameter.name().to_string()).collect();
                self.found.push(Function { name, parameters });
            }
            ast::Stmt::ClassDef(class) => self.class = Some(class.name.to_string()),
            _ => {}
        }
        if let ast::Stmt::ClassDef(class) = stmt {
            for inner in &class.body {
                self.class = Some(class.name.to_string());
                self.visit_stmt(inner);
            }
        } else {
            walk_stmt(self, stmt);
        }
        self.class = outer;
    }
}
