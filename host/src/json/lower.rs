//! JSON into component values.

use base64ct::{Base64, Encoding as _};
use serde_json::{Map, Value};
use wasmtime::component::types::ComponentFunc;
use wasmtime::component::{Type, Val};

use super::JsonError;

/// The parameters of a call, from one object keyed by parameter name.
pub(crate) fn parameters(signature: &ComponentFunc, json: &Value) -> Result<Vec<Val>, JsonError> {
    let parameters: Vec<(&str, Type)> = signature.params().collect();
    let fields = fields(&Path::root(), &parameters, json)?;
    Ok(fields.into_iter().map(|(_, value)| value).collect())
}

/// Where in the JSON a value stands, for the error message.
struct Path(String);

impl Path {
    fn root() -> Self {
        Self(String::new())
    }

    fn field(&self, name: &str) -> Self {
        Self(if self.0.is_empty() { name.to_owned() } else { format!("{}.{name}", self.0) })
    }

    fn element(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    fn error(&self, message: String) -> JsonError {
        let path = if self.0.is_empty() { "parameters" } else { &self.0 };
        JsonError { path: path.to_owned(), message }
    }

    fn expected(&self, expected: &str, given: &Value) -> JsonError {
        self.error(format!("expected {expected}, given {}", describe(given)))
    }
}

/// A value as an error message shows it: scalars themselves, cut short, else the kind.
fn describe(value: &Value) -> String {
    match value {
        Value::Array(_) => "an array".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.chars().count() > 40 => {
            format!("{:?}…", text.chars().take(40).collect::<String>())
        }
        scalar => scalar.to_string(),
    }
}

fn lower(path: &Path, kind: &Type, json: &Value) -> Result<Val, JsonError> {
    Ok(match kind {
        Type::Bool => Val::Bool(json.as_bool().ok_or_else(|| path.expected("true or false", json))?),
        Type::S8 => Val::S8(integer(path, json, i8::MIN, i8::MAX)?),
        Type::U8 => Val::U8(integer(path, json, u8::MIN, u8::MAX)?),
        Type::S16 => Val::S16(integer(path, json, i16::MIN, i16::MAX)?),
        Type::U16 => Val::U16(integer(path, json, u16::MIN, u16::MAX)?),
        Type::S32 => Val::S32(integer(path, json, i32::MIN, i32::MAX)?),
        Type::U32 => Val::U32(integer(path, json, u32::MIN, u32::MAX)?),
        Type::S64 => Val::S64(integer(path, json, i64::MIN, i64::MAX)?),
        Type::U64 => Val::U64(integer(path, json, u64::MIN, u64::MAX)?),
        Type::Float64 => Val::Float64(json.as_f64().ok_or_else(|| path.expected("a number", json))?),
        Type::String => Val::String(text(path, json)?.to_owned()),
        Type::Enum(names) => {
            let name = text(path, json)?;
            let mut known = names.names();
            if !known.any(|known| known == name) {
                return Err(path.expected(&one_of(names.names()), json));
            }
            Val::Enum(name.to_owned())
        }
        Type::Option(option) => match json {
            Value::Null => Val::Option(None),
            some => Val::Option(Some(Box::new(lower(path, &option.ty(), some)?))),
        },
        Type::List(list) => self::list(path, &list.ty(), json)?,
        Type::Record(record) => {
            let known: Vec<(&str, Type)> = record.fields().map(|field| (field.name, field.ty)).collect();
            Val::Record(fields(path, &known, json)?)
        }
        Type::Variant(variant) => {
            let object = json.as_object().ok_or_else(|| path.expected("an object with `case`", json))?;
            let name = object.get("case").and_then(Value::as_str).unwrap_or_default();
            let case = variant
                .cases()
                .find(|case| case.name == name)
                .ok_or_else(|| path.field("case").error(one_of(variant.cases().map(|case| case.name))))?;
            let payload = object.get("payload").unwrap_or(&Value::Null);
            let payload = case.ty.map(|kind| lower(&path.field("payload"), &kind, payload)).transpose()?;
            Val::Variant(name.to_owned(), payload.map(Box::new))
        }
        _ => return Err(path.error("this type cannot be given as JSON".to_owned())),
    })
}

fn list(path: &Path, element: &Type, json: &Value) -> Result<Val, JsonError> {
    if *element == Type::U8 {
        let bytes = Base64::decode_vec(text(path, json)?);
        let bytes = bytes.map_err(|_| path.expected("base64", json))?;
        return Ok(Val::List(bytes.into_iter().map(Val::U8).collect()));
    }
    let array = json.as_array().ok_or_else(|| path.expected("an array", json))?;
    let values = array.iter().enumerate().map(|(index, value)| lower(&path.element(index), element, value));
    Ok(Val::List(values.collect::<Result<_, _>>()?))
}

/// The fields of a record, or the parameters of a function, in the contract's order.
fn fields(path: &Path, known: &[(&str, Type)], json: &Value) -> Result<Vec<(String, Val)>, JsonError> {
    let object: &Map<String, Value> = json.as_object().ok_or_else(|| path.expected("an object", json))?;
    if let Some(unknown) = object.keys().find(|name| !known.iter().any(|(known, _)| known == name)) {
        let known = match known {
            [] => "there are none".to_owned(),
            known => {
                format!("known are {}", known.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "))
            }
        };
        return Err(path.field(unknown).error(format!("unknown field; {known}")));
    }
    let field = |(name, kind): &(&str, Type)| {
        let path = path.field(name);
        let value = match object.get(*name) {
            Some(given) => lower(&path, kind, given)?,
            None => absent(kind).ok_or_else(|| path.error("is missing".to_owned()))?,
        };
        Ok(((*name).to_owned(), value))
    };
    known.iter().map(field).collect()
}

/// What an absent field of this type means; none where it must be given.
fn absent(kind: &Type) -> Option<Val> {
    match kind {
        Type::Bool => Some(Val::Bool(false)),
        Type::Option(_) => Some(Val::Option(None)),
        Type::List(_) => Some(Val::List(Vec::new())),
        Type::Record(record) => {
            let fields = record.fields().map(|field| Some((field.name.to_owned(), absent(&field.ty)?)));
            fields.collect::<Option<_>>().map(Val::Record)
        }
        _ => None,
    }
}

fn text<'a>(path: &Path, json: &'a Value) -> Result<&'a str, JsonError> {
    json.as_str().ok_or_else(|| path.expected("a string", json))
}

fn integer<T>(path: &Path, json: &Value, least: T, greatest: T) -> Result<T, JsonError>
where
    T: TryFrom<i128> + std::fmt::Display,
{
    let number = json.as_i64().map(i128::from).or_else(|| json.as_u64().map(i128::from));
    number
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| path.expected(&format!("a whole number from {least} to {greatest}"), json))
}

fn one_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    format!("one of {}", names.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{lowered, refused};

    #[test]
    fn what_is_absent_is_none_empty_or_false() {
        let given = lowered("query", json!({}));
        assert_eq!(given, lowered("query", json!({ "query": {} })));
        let spelled_out = json!({ "query": {
            "limit": null, "names": [], "raw": false, "inner": { "note": null } } });
        assert_eq!(given, lowered("query", spelled_out));
    }

    #[test]
    fn what_must_be_given_is_named() {
        assert_eq!(refused("strict", json!({})), "item: is missing");
        assert_eq!(refused("strict", json!({ "item": {} })), "item.id: is missing");
    }

    #[test]
    fn an_unknown_field_is_named_with_the_known_ones() {
        assert_eq!(
            refused("query", json!({ "query": { "limits": 1 } })),
            "query.limits: unknown field; known are limit, names, raw, inner"
        );
        assert_eq!(
            refused("query", json!({ "query": { "inner": { "x": 1 } } })),
            "query.inner.x: unknown field; known are note"
        );
        assert_eq!(refused("query", json!({ "limit": 1 })), "limit: unknown field; known are query");
        assert_eq!(refused("nothing", json!({ "x": 1 })), "x: unknown field; there are none");
    }

    #[test]
    fn a_wrong_type_is_named_with_path_expectation_and_value() {
        for (given, message) in [
            (json!([]), "parameters: expected an object, given an array"),
            (json!({ "query": 7 }), "query: expected an object, given 7"),
            (
                json!({ "query": { "limit": "5" } }),
                "query.limit: expected a whole number from 0 to 4294967295, given \"5\"",
            ),
            (json!({ "query": { "names": "tap" } }), "query.names: expected an array, given \"tap\""),
            (json!({ "query": { "names": ["a", null] } }), "query.names[1]: expected a string, given null"),
            (json!({ "query": { "raw": 1 } }), "query.raw: expected true or false, given 1"),
            (json!({ "query": { "raw": null } }), "query.raw: expected true or false, given null"),
        ] {
            assert_eq!(refused("query", given), message);
        }
    }

    #[test]
    fn numbers_are_checked_against_their_range() {
        for given in [json!(-1), json!(4_294_967_296_u64), json!(1.5), json!(u64::MAX)] {
            let message = refused("query", json!({ "query": { "limit": given } }));
            assert_eq!(
                message,
                format!("query.limit: expected a whole number from 0 to 4294967295, given {given}")
            );
        }
    }

    #[test]
    fn bytes_are_base64() {
        assert_eq!(lowered("bytes", json!({ "b": "AQI=" })), "[List([U8(1), U8(2)])]");
        assert_eq!(refused("bytes", json!({ "b": "?" })), "b: expected base64, given \"?\"");
    }

    #[test]
    fn a_long_value_is_cut_short_in_the_message() {
        let message = refused("bytes", json!({ "b": "?".repeat(1000) }));
        assert!(message.len() < 100, "{message}");
    }

    #[test]
    fn a_variant_is_case_and_payload() {
        let given = json!({ "e": { "case": "busy", "payload": { "wait": 5 } } });
        assert_eq!(lowered("fail", given), r#"[Variant("busy", Some(Record([("wait", U32(5))])))]"#);
        assert_eq!(lowered("fail", json!({ "e": { "case": "gone" } })), r#"[Variant("gone", None)]"#);
        assert_eq!(refused("fail", json!({ "e": { "case": "x" } })), "e.case: one of busy, gone");
    }
}
