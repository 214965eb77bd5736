import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "./connector.mjs";

const built = (name) => fileURLToPath(new URL(`../../../target/debug/${name}`, import.meta.url));

const INCIDENTS = 60;
const UNKNOWN = "00000000-0000-4000-8000-000000000000";

/** A query that does not restrict anything. */
const ANY = {
  incidentIdFilters: [],
  sourceFilters: [],
  otherFilters: [],
  verdictFilters: [],
  dispositionFilters: [],
  confidenceFilters: [],
  priorityFilters: [],
  includeRaw: false,
};

let simulator;
let incidents;

before(async () => {
  const options = ["--port", "0", "--incidents", INCIDENTS, "--calls-per-minute", "0"];
  simulator = spawn(built("proofpoint"), ["simulate", ...options], { stdio: ["ignore", "pipe", "ignore"] });
  const settings = { ctr_calls_per_minute: "0" };
  // PROOFPOINT_CTR_BASE_URL=http://127.0.0.1:… is the key ctr_base_url; the secret comes last.
  for await (const line of createInterface({ input: simulator.stdout })) {
    const [, key, value] = line.match(/^PROOFPOINT_(\w+)=(.*)$/);
    settings[key.toLowerCase()] = value;
    if (key === "CTR_CLIENT_SECRET") break;
  }
  const connector = await load(built("connector.wasm"));
  ({ incidents } = await connector(settings));
});

after(async () => {
  simulator.kill("SIGINT");
  await once(simulator, "exit");
});

test("a list goes on where its last page ended", () => {
  const ids = [];
  let page;
  do {
    page = incidents.incidentList({ ...ANY, startTime: "8 days", limit: 25, cursor: page?.next });
    ids.push(...page.incidents.map((incident) => incident.id));
  } while (page.next);

  assert.equal(ids.length, INCIDENTS);
  assert.equal(new Set(ids).size, INCIDENTS);
  assert.equal(page.total, INCIDENTS);
});

test("a fetch delivers every incident once, in steps that hand on a checkpoint", () => {
  const options = { maxFetch: 20, firstFetch: "8 days", fetchStates: [], includeRaw: false };
  const open = incidents.incidentList({ ...ANY, otherFilters: ["open"], startTime: "8 days", limit: 200 });

  const ids = [];
  let batch;
  let steps = 0;
  do {
    batch = incidents.incidentFetch(options, batch?.checkpoint);
    ids.push(...batch.incidents.map(({ incident }) => incident.id));
    steps += 1;
  } while (batch.more);

  assert.ok(steps > 1);
  // Oldest first, where a list has the newest first.
  assert.deepEqual(ids, open.incidents.map((incident) => incident.id).reverse());

  const later = incidents.incidentFetch(options, batch.checkpoint);
  assert.deepEqual(later.incidents, []);
  assert.equal(later.more, false);
});

test("details come in the order of their ids, and one that is gone does not hide the others", () => {
  const page = incidents.incidentList({ ...ANY, startTime: "8 days", limit: 40 });
  const ids = page.incidents.map((incident) => incident.id);
  const [gone, ...details] = incidents.incidentGet([UNKNOWN, ...ids], false);

  assert.equal(gone.tag, "err");
  assert.equal(gone.val.tag, "not-found");
  assert.match(gone.val.val.message, /404/);
  assert.deepEqual(details.map(({ val }) => val.incident.id), ids);
  assert.ok(details.every(({ tag, val }) => tag === "ok" && val.activities.length > 0));
});

test("an error is thrown with its payload", () => {
  assert.throws(
    () => incidents.incidentList({ ...ANY, verdictFilters: ["harmless"] }),
    ({ payload }) => {
      assert.equal(payload.tag, "invalid-argument");
      assert.equal(payload.val.argument, "verdict-filters");
      assert.ok(payload.val.allowed.includes("verdict_threat"));
      return true;
    },
  );
});
