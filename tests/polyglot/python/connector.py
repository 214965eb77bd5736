"""The connector in Python. Load the component once, then make an instance for each set of settings:

    connector = load("connector.wasm")
    incidents = connector({"ctr_client_id": "…", "ctr_client_secret": "…"}).incidents
    page = incidents.incident_list(query={"start_time": "3 days"})

Functions and fields are those of wit/*.wit in snake case. Arguments are given by name, records as dicts;
options, lists and booleans may be missing. Records are answered as objects with attributes. What a
function answers as an error is raised, as `ConnectorError`; inside a list an error stands in its place.

A call blocks its thread until it is answered, and an instance takes one call at a time. An instance keeps
its token and its call budget, so keep the instance.
"""

from types import SimpleNamespace

from wasmtime import Engine, Store, WasiConfig
from wasmtime.component import Component, FuncType, Linker, Record, Variant
from wasmtime.component import Bool, ListType, OptionType, RecordType


class ConnectorError(Exception):
    """The contract's `error`: its case, for example `not-found`, and that case's payload."""

    def __init__(self, case, payload):
        super().__init__(f"{case}: {payload.message}")
        self.case = case
        self.payload = payload


def load(file):
    """Compiles the component. The answer makes an instance of it from settings."""
    engine = Engine()
    component = Component.from_file(engine, file)

    def connector(settings):
        linker = Linker(engine)
        linker.add_wasip2()
        linker.add_wasi_http()
        with linker.root() as root, root.add_instance("wasi:config/store@0.2.0-rc.1") as config:
            # Neither may raise: an exception in a host's function ends the instance.
            config.add_func("get", lambda _store, key: settings.get(key))
            config.add_func("get-all", lambda _store: list(settings.items()))
        store = Store(engine)
        store.set_wasi(WasiConfig())
        store.set_wasi_http()
        instance = linker.instantiate(store, component)

        exports = SimpleNamespace()
        for name, interface in component.type.exports(engine).items():
            # `proofpoint:connector/incidents@0.1.0` is `incidents`.
            short = name.split("/")[1].split("@")[0]
            setattr(exports, snake(short), functions(engine, store, instance, name, interface.ty))
        return exports

    return connector


def functions(engine, store, instance, name, interface):
    """The functions of one of the component's interfaces."""
    found = SimpleNamespace()
    parent = instance.get_export_index(store, name)
    for name, item in interface.exports(engine).items():
        if isinstance(item.ty, FuncType):
            function = instance.get_func(store, instance.get_export_index(store, name, parent))
            setattr(found, snake(name), by_name(store, function))
    return found


def by_name(store, function):
    """The function, with arguments given by name."""
    parameters = function.type(store).params

    def call(**arguments):
        result = from_wit(function(store, *fields(parameters, arguments).values()))
        if isinstance(result, ConnectorError):
            raise result
        return result

    return call


def to_wit(type, value):
    """A value as the component takes it."""
    if isinstance(type, RecordType):
        record = Record()
        vars(record).update(fields(type.fields, value or {}))
        return record
    if isinstance(type, ListType):
        return [to_wit(type.element, element) for element in value or []]
    if isinstance(type, OptionType) and value is not None:
        return to_wit(type.payload, value)
    if isinstance(type, Bool):
        return bool(value)
    return value


def fields(types, values):
    """Named values as the component takes them; a misspelt name must not go unnoticed."""
    unknown = values.keys() - {snake(name) for name, _ in types}
    if unknown:
        raise TypeError(f"not in the contract: {', '.join(sorted(unknown))}")
    return {name: to_wit(type, values.get(snake(name))) for name, type in types}


def from_wit(value):
    """A value as the component gives it. The contract's only variant is its `error`."""
    if isinstance(value, Record):
        return SimpleNamespace(**{snake(name): from_wit(field) for name, field in vars(value).items()})
    if isinstance(value, Variant):
        return ConnectorError(value.tag, from_wit(value.payload))
    if isinstance(value, list):
        return [from_wit(element) for element in value]
    return value


def snake(name):
    return name.replace("-", "_")
