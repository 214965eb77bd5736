//! The command line's JSON arguments, read by the types of the component's functions.
//!
//! The reader is the host's own file, without the host around it. The component is compiled once, without
//! optimisation, and never run: only its types are wanted. Beside its functions stand some with every type that the
//! reader knows.

#[path = "../../../host/src/json/lower.rs"]
mod lower;

use base64ct::{Base64, Encoding};
use lower::parameters;
use serde_json::{Map, Value, json};
use std::sync::OnceLock;
use wasmtime::component::types::{ComponentFunc, ComponentItem};
use wasmtime::component::{Component, Type, Val};
use wasmtime::{Config, Engine, OptLevel};

/// What is wrong with a value, and where: as the host's.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {message}")]
struct JsonError {
    path: String,
    message: String,
}

/// Where `just fuzz` says that the component is.
const COMPONENT: &str = "PROOFPOINT_COMPONENT";

const EVERY_TYPE: &str = r#"(component (import "t" (instance
    (type $inner' (record (field "note" (option string)) (field "more" (option (option u8)))))
    (export "inner" (type $inner (eq $inner')))
    (type $kind' (enum "a" "b"))
    (export "kind" (type $kind (eq $kind')))
    (type $choice' (variant (case "one" $inner) (case "none") (case "list" (list $inner))))
    (export "choice" (type $choice (eq $choice')))
    (type $numbers' (record (field "a" s8) (field "b" u8) (field "c" s16) (field "d" u16) (field "e" s32)
                            (field "f" u32) (field "g" s64) (field "h" u64) (field "i" f64) (field "j" bool)))
    (export "numbers" (type $numbers (eq $numbers')))
    (export "nothing" (func))
    (export "numbers-of" (func (param "n" $numbers)))
    (export "choices" (func (param "c" (list $choice)) (param "k" $kind) (param "b" (list u8))))
    (export "other" (func (param "c" char) (param "f" f32)))
    (export "pair" (func (param "p" (tuple string u8)) (param "r" (result string))))
)))"#;

static FUNCTIONS: OnceLock<Vec<(String, ComponentFunc)>> = OnceLock::new();

/// Compiles the component, before any time or memory counts.
pub fn prepare() {
    let file = std::env::var(COMPONENT).expect("PROOFPOINT_COMPONENT names the component's file");
    let mut config = Config::new();
    config.cranelift_opt_level(OptLevel::None);
    let engine = Engine::new(&config).expect("an engine");
    let component = Component::from_file(&engine, file).expect("the component");
    let mut functions = Vec::new();
    for (name, export) in component.component_type().exports(&engine) {
        add(&mut functions, &engine, name, &export.ty);
    }
    let every_type = wat::parse_str(EVERY_TYPE).expect("a component");
    let every_type = Component::new(&engine, every_type).expect("a component");
    for (name, import) in every_type.component_type().imports(&engine) {
        add(&mut functions, &engine, name, &import.ty);
    }
    assert!(functions.len() > 40, "{} functions", functions.len());
    FUNCTIONS.set(functions).expect("once");
}

fn add(functions: &mut Vec<(String, ComponentFunc)>, engine: &Engine, name: &str, item: &ComponentItem) {
    let ComponentItem::ComponentInstance(instance) = item else { return };
    for (function, export) in instance.exports(engine) {
        if let ComponentItem::ComponentFunc(signature) = export.ty {
            functions.push((format!("{name}.{function}"), signature));
        }
    }
}

/// Reads a JSON text as the parameters of the function that the first byte chooses.
pub fn run(data: &[u8]) {
    let functions = FUNCTIONS.get().expect("prepared");
    let Some((choice, text)) = data.split_first() else { return };
    let (name, signature) = &functions[usize::from(choice.wrapping_sub(b'0')) % functions.len()];
    let Ok(given) = serde_json::from_slice::<Value>(text) else { return };
    let taken = match parameters(signature, &given) {
        Ok(taken) => taken,
        Err(error) => return assert!(!error.path.is_empty() && !error.message.is_empty(), "{name}"),
    };
    let types: Vec<(String, Type)> = signature.params().map(|(name, kind)| (name.to_owned(), kind)).collect();
    assert_eq!(types.len(), taken.len(), "{name}");
    // What was taken fits the types, and says the same when it is given in full.
    let fields: Option<Map<String, Value>> = types
        .iter()
        .zip(&taken)
        .map(|((field, kind), value)| Some((field.clone(), given_in_full(kind, value)?)))
        .collect();
    let mut full = Value::Object(fields.unwrap_or_else(|| panic!("{name}: {taken:?} does not fit {given}")));
    let again = parameters(signature, &full).unwrap_or_else(|error| panic!("{name}: {error} in {full}"));
    assert_eq!(format!("{again:?}"), format!("{taken:?}"), "{name}");
    full["no-such-field"] = json!(1);
    assert!(parameters(signature, &full).is_err(), "{name} takes an unknown field");
}

/// A value as JSON that leaves nothing out; none where it is not of the type.
fn given_in_full(kind: &Type, value: &Val) -> Option<Value> {
    Some(match (kind, value) {
        (Type::Bool, Val::Bool(value)) => json!(value),
        (Type::S8, Val::S8(value)) => json!(value),
        (Type::U8, Val::U8(value)) => json!(value),
        (Type::S16, Val::S16(value)) => json!(value),
        (Type::U16, Val::U16(value)) => json!(value),
        (Type::S32, Val::S32(value)) => json!(value),
        (Type::U32, Val::U32(value)) => json!(value),
        (Type::S64, Val::S64(value)) => json!(value),
        (Type::U64, Val::U64(value)) => json!(value),
        (Type::Float64, Val::Float64(value)) => json!(value),
        (Type::String, Val::String(value)) => json!(value),
        (Type::Enum(kind), Val::Enum(value)) => {
            kind.names().any(|name| name == value).then_some(())?;
            json!(value)
        }
        (Type::Option(_), Val::Option(None)) => Value::Null,
        (Type::Option(kind), Val::Option(Some(value))) => given_in_full(&kind.ty(), value)?,
        (Type::List(kind), Val::List(values)) if kind.ty() == Type::U8 => {
            let byte = |value: &Val| if let Val::U8(byte) = value { Some(*byte) } else { None };
            json!(Base64::encode_string(&values.iter().map(byte).collect::<Option<Vec<u8>>>()?))
        }
        (Type::List(kind), Val::List(values)) => {
            let element = kind.ty();
            Value::Array(values.iter().map(|value| given_in_full(&element, value)).collect::<Option<_>>()?)
        }
        (Type::Record(kind), Val::Record(values)) => {
            (kind.fields().len() == values.len()).then_some(())?;
            let fields = kind.fields().zip(values).map(|(field, (name, value))| {
                (field.name == name).then_some(())?;
                Some((name.clone(), given_in_full(&field.ty, value)?))
            });
            Value::Object(fields.collect::<Option<_>>()?)
        }
        (Type::Variant(kind), Val::Variant(name, payload)) => {
            let case = kind.cases().find(|case| case.name == name)?;
            match (case.ty, payload) {
                (None, None) => json!({ "case": name }),
                (Some(kind), Some(value)) => json!({ "case": name, "payload": given_in_full(&kind, value)? }),
                _ => return None,
            }
        }
        _ => return None,
    })
}
