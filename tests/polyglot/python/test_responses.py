import hashlib
import json
import unittest

from connector import ConnectorError, load
from simulator import BUILT, simulate


class Responses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        settings = simulate(cls, "--incidents", "20", "--tickets", "0")
        cls.connector = load(BUILT / "connector.wasm")(settings)

    def test_a_message_is_found_and_read_and_its_mail_comes_byte_for_byte(self):
        messages = self.connector.messages
        page = messages.message_list(query={"disposition_filters": ["phish"], "limit": 3})
        self.assertGreater(len(page.messages), 0)
        self.assertEqual({message.disposition for message in page.messages}, {"phish"})
        found = page.messages[0]
        self.assertEqual(messages.message_get(id=found.id).subject, found.subject)

        mail = messages.message_download(id=found.id, includes=["summary"])
        content = bytes(mail.content)
        self.assertEqual(len(content), mail.size)
        self.assertEqual(hashlib.sha256(content).hexdigest(), mail.sha256)
        self.assertGreater(len(mail.summary.links), 0)

    def test_a_write_is_shown_before_it_is_done_and_done_twice_it_is_unchanged(self):
        lists, dry_run = self.connector.email_lists, self.connector.dry_run
        entry = {"attribute": "hfrom", "operator": "equal", "value": "polyglot@example.org"}
        planned = dry_run.entry_add(list_name="block", entry=entry)
        self.assertEqual((planned.method, json.loads(planned.body)["value"]), ("POST", entry["value"]))
        values = [listed.value for listed in lists.entry_list(list_name="block")]
        self.assertNotIn(entry["value"], values)
        outcomes = [
            lists.entry_add(list_name="block", entry=entry).outcome,
            lists.entry_add(list_name="block", entry=entry).outcome,
            lists.entry_remove(list_name="block", entry=entry).outcome,
        ]
        self.assertEqual(outcomes, ["added", "unchanged", "removed"])
        self.assertIsNone(dry_run.entry_remove(list_name="block", entry=entry))

    def test_a_workflow_runs_on_an_incident_and_its_end_can_be_waited_for(self):
        workflows = self.connector.workflows
        workflow = workflows.workflow_list(enabled=True, kind="incident")[0]
        incidents = self.connector.incidents.incident_list(query={"other_filters": ["open"], "limit": 1})
        run = workflows.workflow_run(id=workflow.id, target_ids=[incidents.incidents[0].id])
        self.assertEqual(workflows.workflow_run_wait(run_id=run.id).state, "SUCCESS")
        with self.assertRaises(ConnectorError) as raised:
            workflows.workflow_run(id="Quarantine", target_ids=[])
        self.assertEqual(raised.exception.case, "invalid-argument")


if __name__ == "__main__":
    unittest.main()
