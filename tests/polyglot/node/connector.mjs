// The connector in JavaScript. Load the component once, then make an instance for each set of settings:
//
//     const connector = await load("connector.wasm");
//     const { incidents, health } = await connector({ ctr_client_id: "…", ctr_client_secret: "…" });
//
// Functions and fields are those of wit/*.wit in camel case. In arguments every list must be there, an
// option may be missing. What a function answers as an error is thrown, as an Error with the contract's
// error in `payload`: `{ tag, val }`. A result inside a list is `{ tag: "ok" | "err", val }`.
//
// A call blocks its thread until it is answered: a server makes its instances in worker threads. An
// instance keeps its token and its call budget, so keep the instance.

import { transpile } from "@bytecodealliance/jco-transpile";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";

/**
 * Makes JavaScript of the component, in memory. `npx jco transpile connector.wasm -I async -o out` does
 * the same to files, with TypeScript's types, when an application is built.
 */
export async function load(file) {
  const { files } = await transpile(file, {
    name: "connector",
    instantiation: "async",
    noComponentErrorWrapping: false, // Unlike the command, the library throws bare payloads by default.
  });
  const source = Buffer.from(files["connector.js"]).toString("base64");
  const { instantiate } = await import(`data:text/javascript;base64,${source}`);
  return (settings) => instantiate((name) => WebAssembly.compile(files[name]), imports(settings));
}

/** All that the component reaches: clocks and HTTP, which jco brings along, and the settings. */
function imports(settings) {
  const store = { get: (key) => settings[key], getAll: () => Object.entries(settings) };
  return { ...new WASIShim().getImportObject(), "wasi:config/store": store };
}
