//! Component values as JSON, and back.
//!
//! Parameters are one JSON object keyed by parameter name. Names are those of the contract, in kebab
//! case. Going in, an absent or null optional field is none, an absent list is empty, an absent bool
//! is false, and an absent record is taken when all of its fields may be absent; an unknown field is
//! an error. Coming out, none is null and every field is there.
//!
//! The contract keeps to these types; others are refused.
//!
//! | contract | JSON |
//! |---|---|
//! | `string`, `enum` | string |
//! | integers, `f64` | number |
//! | `list<u8>` | string, base64 |
//! | `list<T>` | array |
//! | `record` | object |
//! | `variant` | `{"case": "rate-limited", "payload": {…}}` |
//! | `result` | `{"ok": …}` or `{"error": …}` |

mod lift;
mod lower;

pub(crate) use lift::outcome;
pub(crate) use lower::parameters;

/// A JSON value that does not fit the contract.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct JsonError {
    /// Where: `query.source-filters[1]`.
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

#[cfg(test)]
mod testing {
    //! Functions whose types cover the rules, taken from the imports of a component that is never run.

    use serde_json::Value;
    use wasmtime::Engine;
    use wasmtime::component::types::{ComponentFunc, ComponentItem};
    use wasmtime::component::{Component, Val};

    use crate::guest_error::GuestError;

    const FUNCTIONS: &str = r#"(component (import "t" (instance
        (type $inner' (record (field "note" (option string))))
        (export "inner" (type $inner (eq $inner')))
        (type $query' (record (field "limit" (option u32)) (field "names" (list string))
                              (field "raw" bool) (field "inner" $inner)))
        (export "query" (type $query (eq $query')))
        (type $item' (record (field "id" string)))
        (export "item" (type $item (eq $item')))
        (type $wait' (record (field "wait" u32)))
        (export "wait" (type $wait (eq $wait')))
        (type $fail' (variant (case "busy" $wait) (case "gone")))
        (export "fail-kind" (type $fail (eq $fail')))
        (export "nothing" (func))
        (export "query-with" (func (param "query" $query)))
        (export "strict" (func (param "item" $item)))
        (export "bytes" (func (param "b" (list u8))))
        (export "fail" (func (param "e" $fail)))
        (export "give-query" (func (result $query)))
        (export "give-bytes" (func (result (list u8))))
        (export "attempt" (func (result (result u32 (error $fail)))))
        (export "attempts" (func (result (list (result u32 (error $fail))))))
    )))"#;

    fn signature(name: &str) -> ComponentFunc {
        let name = if name == "query" { "query-with" } else { name };
        let engine = Engine::default();
        let component = Component::new(&engine, wat::parse_str(FUNCTIONS).unwrap()).unwrap();
        let kind = component.component_type();
        let (_, import) = kind.imports(&engine).next().unwrap();
        let ComponentItem::ComponentInstance(instance) = import.ty else { panic!("not an instance") };
        let export = instance.get_export(&engine, name).unwrap();
        let ComponentItem::ComponentFunc(signature) = export.ty else { panic!("not a function") };
        signature
    }

    pub(super) fn lowered(function: &str, json: Value) -> String {
        format!("{:?}", super::parameters(&signature(function), &json).unwrap())
    }

    pub(super) fn refused(function: &str, json: Value) -> String {
        super::parameters(&signature(function), &json).unwrap_err().to_string()
    }

    pub(super) fn lifted(function: &str, value: Val) -> Result<Value, GuestError> {
        super::outcome(&signature(function), &[value]).unwrap()
    }
}
