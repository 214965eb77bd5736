import hashlib
import json
import unittest

from connector import ConnectorError, load
from simulator import BUILT, simulate


class Tickets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        settings = simulate(cls, "--tickets", "60", "--incidents", "0")
        connector = load(BUILT / "connector.wasm")(settings)
        cls.tickets, cls.users = connector.tickets, connector.users

    def test_a_ticket_is_found_read_and_changed_and_its_mail_comes_byte_for_byte(self):
        with_mail = json.dumps({"$isNull": {"messages.subject": False}})
        page = self.tickets.ticket_search(query={"filters_json": with_mail, "limit": 5})
        self.assertEqual(len(page.tickets), 5)
        self.assertGreater(page.total, 5)
        fqid = page.tickets[0].fqid

        ticket = self.tickets.ticket_get(fqid=fqid, includes=["raw-json"])
        self.assertEqual(ticket.fqid, fqid)
        self.assertEqual(json.loads(ticket.raw_json)["fqid"], fqid)
        self.assertIn("/v2/apps/search/timeline?contextId=", ticket.timeline_url)

        assignee = self.users.user_find(name_or_email="ines.moreau@example.com")
        receipt = self.tickets.ticket_assign_owner(fqid=fqid, assignee="Ines Moreau")
        self.assertEqual((receipt.fqid, receipt.assignee_id), (fqid, assignee.id))
        self.assertFalse(receipt.confirmed_by_reading)
        again = self.tickets.ticket_get(fqid=fqid)
        self.assertEqual(again.workflow.assignee_id, assignee.id)

        mail = self.tickets.email_get(fqid=fqid, includes=["summary"])
        content = bytes(mail.content)
        self.assertEqual(len(content), mail.size)
        self.assertEqual(hashlib.sha256(content).hexdigest(), mail.sha256)
        self.assertIn(b"\xfc\xdf", content)  # It is not UTF-8.
        names = [attachment.name for attachment in mail.summary.attachments]
        self.assertEqual(names, ticket.messages[0].attachments)

        with self.assertRaises(ConnectorError) as raised:
            self.tickets.email_get(fqid="../../auth/users")
        self.assertEqual(raised.exception.case, "not-found")
        self.assertIn("found nothing", raised.exception.payload.message)


if __name__ == "__main__":
    unittest.main()
