import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { load } from "./connector.mjs";
import { built, simulate } from "./simulator.mjs";

/** A query that does not restrict anything. */
const ANY = {
  messageIdFilters: [],
  recipientAddressFilters: [],
  senderAddressFilters: [],
  subjectFilters: [],
  sourceFilters: [],
  otherFilters: [],
  verdictFilters: [],
  dispositionFilters: [],
  confidenceFilters: [],
  statusFilters: [],
  quarantineFilters: [],
  tapThreatFilters: [],
  tapThreatTypeFilters: [],
  includeRaw: false,
};

let stop;
let connector;

before(async () => {
  const simulator = await simulate("--incidents", 20, "--tickets", 0);
  stop = simulator.stop;
  connector = await (await load(built("connector.wasm")))(simulator.settings);
});

after(() => stop());

test("a message is found, read, and its mail comes byte for byte with what stands in it", () => {
  const { messages } = connector;
  const page = messages.messageList({ ...ANY, dispositionFilters: ["phish"], limit: 3 });
  assert.ok(page.messages.length > 0 && page.messages.every(({ disposition }) => disposition === "phish"));
  const [{ id, subject }] = page.messages;
  assert.equal(messages.messageGet(id, false).subject, subject);

  const mail = messages.messageDownload(id, ["summary"]);
  assert.ok(mail.content instanceof Uint8Array && mail.content.length === mail.size);
  assert.equal(createHash("sha256").update(mail.content).digest("hex"), mail.sha256);
  assert.ok(mail.summary.links.length > 0 && mail.summary.fromAddresses.length > 0);
});

test("a write is shown before it is done, and done twice it is unchanged", () => {
  const { emailLists, dryRun } = connector;
  const entry = { attribute: "hfrom", operator: "equal", value: "polyglot@example.net", comment: "node" };
  const planned = dryRun.entryAdd("block", undefined, entry);
  assert.equal(planned.method, "POST");
  assert.match(planned.url, /orgBlockList\?clusterId=/);
  assert.equal(JSON.parse(planned.body).value, entry.value);
  const listed = () => emailLists.entryList("block", undefined, false).some(({ value }) => value === entry.value);
  assert.equal(listed(), false);
  assert.deepEqual(emailLists.entryAdd("block", undefined, entry), { outcome: "added" });
  assert.deepEqual(emailLists.entryAdd("block", undefined, entry), { outcome: "unchanged" });
  assert.equal(listed(), true);
  assert.deepEqual(emailLists.entryRemove("block", undefined, entry), { outcome: "removed" });
  assert.equal(dryRun.entryRemove("block", undefined, entry), undefined);
});

test("a workflow runs on an incident, and its end can be waited for", () => {
  const { incidents, workflows } = connector;
  const [{ id: workflow }] = workflows.workflowList(true, "incident", false);
  const query = {
    incidentIdFilters: [],
    sourceFilters: [],
    otherFilters: ["open"],
    verdictFilters: [],
    dispositionFilters: [],
    confidenceFilters: [],
    priorityFilters: [],
    includeRaw: false,
    limit: 1,
  };
  const [{ id: incident }] = incidents.incidentList(query).incidents;
  const run = workflows.workflowRun(workflow, [incident]);
  assert.equal(run.state, "IN_PROGRESS");
  assert.equal(workflows.workflowRunWait(run.id, 60_000).state, "SUCCESS");
  assert.throws(
    () => workflows.workflowRun("Quarantine", [incident]),
    ({ payload }) => payload.tag === "invalid-argument" && payload.val.argument === "id",
  );
});
