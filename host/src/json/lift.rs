//! Component values into JSON.

use base64ct::{Base64, Encoding as _};
use serde_json::{Map, Value, json};
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{Type, Val};

use super::JsonError;
use crate::guest_error::GuestError;

/// The answer of a call. A function that answers a `result` succeeds or fails by it.
pub(crate) fn outcome(
    signature: &ComponentFunc,
    answer: &[Val],
) -> Result<Result<Value, GuestError>, JsonError> {
    let (Some(kind), Some(value)) = (signature.results().next(), answer.first()) else {
        return Ok(Ok(Value::Null));
    };
    if let (Type::Result(kind), Val::Result(value)) = (&kind, value) {
        return Ok(match value {
            Ok(value) => Ok(payload(kind.ok(), value.as_deref())?),
            Err(error) => {
                let error = payload(kind.err(), error.as_deref())?;
                Err(GuestError::from_json(&error).unwrap_or_else(|| GuestError::new("error", error)))
            }
        });
    }
    lift(&kind, value).map(Ok)
}

fn payload(kind: Option<Type>, value: Option<&Val>) -> Result<Value, JsonError> {
    match (kind, value) {
        (Some(kind), Some(value)) => lift(&kind, value),
        _ => Ok(Value::Null),
    }
}

fn lift(kind: &Type, value: &Val) -> Result<Value, JsonError> {
    Ok(match (kind, value) {
        (_, Val::Bool(value)) => Value::from(*value),
        (_, Val::S8(value)) => Value::from(*value),
        (_, Val::U8(value)) => Value::from(*value),
        (_, Val::S16(value)) => Value::from(*value),
        (_, Val::U16(value)) => Value::from(*value),
        (_, Val::S32(value)) => Value::from(*value),
        (_, Val::U32(value)) => Value::from(*value),
        (_, Val::S64(value)) => Value::from(*value),
        (_, Val::U64(value)) => Value::from(*value),
        (_, Val::Float64(value)) => Value::from(*value),
        (_, Val::String(value) | Val::Enum(value)) => Value::from(value.as_str()),
        (_, Val::Option(None)) => Value::Null,
        (Type::Option(option), Val::Option(Some(value))) => lift(&option.ty(), value)?,
        (Type::List(list), Val::List(values)) if list.ty() == Type::U8 => {
            let byte = |value: &Val| if let Val::U8(byte) = value { *byte } else { 0 };
            Value::from(Base64::encode_string(&values.iter().map(byte).collect::<Vec<_>>()))
        }
        (Type::List(list), Val::List(values)) => {
            let element = list.ty();
            values.iter().map(|value| lift(&element, value)).collect::<Result<Value, _>>()?
        }
        (Type::Record(record), Val::Record(values)) => {
            let mut object = Map::new();
            for (field, (_, value)) in record.fields().zip(values) {
                object.insert(field.name.to_owned(), lift(&field.ty, value)?);
            }
            Value::Object(object)
        }
        (Type::Variant(variant), Val::Variant(name, value)) => {
            let kind = variant.cases().find(|case| case.name == name).and_then(|case| case.ty);
            json!({ "case": name, "payload": payload(kind, value.as_deref())? })
        }
        (Type::Result(kind), Val::Result(Ok(value))) => {
            json!({ "ok": payload(kind.ok(), value.as_deref())? })
        }
        (Type::Result(kind), Val::Result(Err(error))) => {
            json!({ "error": payload(kind.err(), error.as_deref())? })
        }
        _ => {
            let message = "this type has no JSON form".to_owned();
            return Err(JsonError { path: "answer".to_owned(), message });
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wasmtime::component::Val;

    use super::super::testing::lifted;
    use crate::guest_error::GuestError;

    fn text(value: &str) -> Val {
        Val::String(value.to_owned())
    }

    fn busy() -> Val {
        let wait = Val::Record(vec![("wait".to_owned(), Val::U32(5))]);
        Val::Variant("busy".to_owned(), Some(Box::new(wait)))
    }

    #[test]
    fn a_record_has_all_of_its_fields_and_none_is_null() {
        let value = Val::Record(vec![
            ("limit".to_owned(), Val::Option(None)),
            ("names".to_owned(), Val::List(vec![text("a")])),
            ("raw".to_owned(), Val::Bool(true)),
            (
                "inner".to_owned(),
                Val::Record(vec![("note".to_owned(), Val::Option(Some(Box::new(text("n")))))]),
            ),
        ]);
        let json = lifted("give-query", value).unwrap();
        let expected = r#"{"limit":null,"names":["a"],"raw":true,"inner":{"note":"n"}}"#;
        assert_eq!(json.to_string(), expected);
    }

    #[test]
    fn bytes_are_base64() {
        assert_eq!(lifted("give-bytes", Val::List(vec![Val::U8(1), Val::U8(2)])).unwrap(), "AQI=");
        assert_eq!(lifted("give-bytes", Val::List(vec![])).unwrap(), "");
    }

    #[test]
    fn the_ok_value_is_the_answer_and_the_error_variant_the_error() {
        let ok = Val::Result(Ok(Some(Box::new(Val::U32(7)))));
        assert_eq!(lifted("attempt", ok).unwrap(), 7);
        let error = lifted("attempt", Val::Result(Err(Some(Box::new(busy()))))).unwrap_err();
        assert_eq!(error, GuestError::new("busy", json!({ "wait": 5 })));
        let gone = Val::Variant("gone".to_owned(), None);
        let error = lifted("attempt", Val::Result(Err(Some(Box::new(gone))))).unwrap_err();
        assert_eq!(error.to_json(), json!({ "case": "gone", "payload": null }));
    }

    #[test]
    fn results_within_a_list_are_tagged() {
        let list = Val::List(vec![
            Val::Result(Ok(Some(Box::new(Val::U32(7))))),
            Val::Result(Err(Some(Box::new(busy())))),
        ]);
        assert_eq!(
            lifted("attempts", list).unwrap(),
            json!([{ "ok": 7 }, { "error": { "case": "busy", "payload": { "wait": 5 } } }])
        );
    }
}
