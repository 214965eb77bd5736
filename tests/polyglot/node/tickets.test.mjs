import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { load } from "./connector.mjs";
import { built, simulate } from "./simulator.mjs";

/** A query that does not restrict anything. */
const ANY = {
  statusFilters: [],
  severityFilters: [],
  userFilters: [],
  nameFilters: [],
  entityTypes: [],
  allActivity: false,
  includeRaw: false,
};

let stop;
let tickets;
let users;

before(async () => {
  const simulator = await simulate("--tickets", 60, "--incidents", 0);
  stop = simulator.stop;
  const connector = await load(built("connector.wasm"));
  ({ tickets, users } = await connector(simulator.settings));
});

after(() => stop());

test("a ticket is found, read, changed, and its mail comes byte for byte", () => {
  const withMail = JSON.stringify({ $isNull: { "messages.subject": false } });
  const page = tickets.ticketSearch({ ...ANY, filtersJson: withMail, limit: 5 });
  const [{ fqid }] = page.tickets;
  assert.ok(page.tickets.length === 5 && page.total > 5 && page.next);

  const ticket = tickets.ticketGet(fqid, ["raw-json"]);
  assert.equal(ticket.fqid, fqid);
  assert.equal(JSON.parse(ticket.rawJson).fqid, fqid);
  assert.match(ticket.timelineUrl, /\/v2\/apps\/search\/timeline\?contextId=/);

  const assignee = users.userFind("ines.moreau@example.com");
  const receipt = tickets.ticketAssignOwner(fqid, "Ines Moreau");
  assert.deepEqual(receipt, { fqid, assigneeId: assignee.id, confirmedByReading: false });
  assert.equal(tickets.ticketGet(fqid, []).workflow.assigneeId, assignee.id);

  const mail = tickets.emailGet(fqid, ["summary"]);
  assert.ok(mail.content instanceof Uint8Array && mail.content.length === mail.size);
  assert.equal(createHash("sha256").update(mail.content).digest("hex"), mail.sha256);
  assert.ok(Buffer.from(mail.content).includes(Buffer.from([0xfc, 0xdf])), "it is not UTF-8");
  assert.deepEqual(mail.summary.attachments.map(({ name }) => name), ticket.messages[0].attachments);

  assert.throws(
    () => tickets.emailGet("../../auth/users", []),
    ({ payload }) => payload.tag === "not-found" && /found nothing/.test(payload.val.message),
  );
});
