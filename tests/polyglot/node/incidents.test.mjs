import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import { Worker } from "node:worker_threads";
import { load } from "./connector.mjs";
import { built, simulate } from "./simulator.mjs";

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

let stop;
let settings;
let connector;
let incidents;

before(async () => {
  ({ settings, stop } = await simulate("--incidents", INCIDENTS, "--tickets", 0));
  connector = await load(built("connector.wasm"));
  ({ incidents } = await connector(settings));
});

after(() => stop());

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
  assert.match(gone.val.val.message, /found nothing/);
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

test("a write without an answer is sent once, and its outcome left open", async () => {
  // A call blocks this thread, so this server answers nothing; what reached it is told afterwards.
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const silent = await connector({
    ...settings,
    ctr_base_url: `http://127.0.0.1:${server.address().port}`,
    request_timeout_ms: "300",
  });

  assert.throws(
    () => silent.incidents.incidentCreate({ title: "Reported by telephone" }),
    ({ payload }) => payload.tag === "outcome-unknown",
  );
  await new Promise((resolve) => setTimeout(resolve, 100));
  server.close();
  assert.equal(connections, 1);
});

test("the time for a request ends while its answer trickles in", async () => {
  const server = new Worker(TRICKLE, { eval: true });
  const [port] = await once(server, "message");
  const slow = await connector({
    ...settings,
    ctr_base_url: `http://127.0.0.1:${port}`,
    request_timeout_ms: "300",
  });

  assert.throws(() => slow.incidents.incidentCount(ANY), ({ payload }) => payload.tag === "timeout");
  await server.terminate();
});

/** A server that takes 10 s for its answer, in a thread of its own. */
const TRICKLE = `
  const server = require("node:http").createServer((request, response) => {
    for (let i = 0; i < 500; i += 1) setTimeout(() => response.write(" "), i * 20);
    setTimeout(() => response.end("0"), 10_000);
  });
  const { parentPort } = require("node:worker_threads");
  server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;
