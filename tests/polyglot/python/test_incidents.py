import socket
import unittest

from connector import ConnectorError, load
from simulator import BUILT, simulate

INCIDENTS = 60
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Incidents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.settings = simulate(cls, "--incidents", str(INCIDENTS), "--tickets", "0")
        cls.connector = staticmethod(load(BUILT / "connector.wasm"))
        cls.incidents = cls.connector(cls.settings).incidents

    def test_a_list_goes_on_where_its_last_page_ended(self):
        query = {"start_time": "8 days", "limit": 25}
        page = self.incidents.incident_list(query=query)
        ids = [incident.id for incident in page.incidents]
        while page.next:
            page = self.incidents.incident_list(query={**query, "cursor": page.next})
            ids += [incident.id for incident in page.incidents]

        self.assertEqual(len(ids), INCIDENTS)
        self.assertEqual(len(set(ids)), INCIDENTS)
        self.assertEqual(page.total, INCIDENTS)

    def test_a_fetch_delivers_every_incident_once_in_steps_that_hand_on_a_checkpoint(self):
        options = {"first_fetch": "8 days", "max_fetch": 20}
        query = {"start_time": "8 days", "other_filters": ["open"], "limit": 200}
        listed = self.incidents.incident_list(query=query)

        ids = []
        steps, more, checkpoint = 0, True, None
        while more:
            batch = self.incidents.incident_fetch(options=options, checkpoint=checkpoint)
            ids += [fetched.incident.id for fetched in batch.incidents]
            steps, more, checkpoint = steps + 1, batch.more, batch.checkpoint

        self.assertGreater(steps, 1)
        # Oldest first, where a list has the newest first.
        self.assertEqual(ids, [incident.id for incident in reversed(listed.incidents)])

        later = self.incidents.incident_fetch(options=options, checkpoint=checkpoint)
        self.assertEqual(later.incidents, [])
        self.assertFalse(later.more)

    def test_details_come_in_the_order_of_their_ids_and_one_that_is_gone_does_not_hide_the_others(self):
        page = self.incidents.incident_list(query={"start_time": "8 days", "limit": 40})
        ids = [incident.id for incident in page.incidents]
        gone, *details = self.incidents.incident_get(ids=[UNKNOWN, *ids])

        self.assertIsInstance(gone, ConnectorError)
        self.assertEqual(gone.case, "not-found")
        self.assertIn("found nothing", gone.payload.message)
        self.assertEqual([detail.incident.id for detail in details], ids)
        self.assertTrue(all(detail.activities for detail in details))

    def test_an_error_is_raised_with_its_payload(self):
        with self.assertRaises(ConnectorError) as raised:
            self.incidents.incident_list(query={"verdict_filters": ["harmless"]})

        self.assertEqual(raised.exception.case, "invalid-argument")
        self.assertEqual(raised.exception.payload.argument, "verdict-filters")
        self.assertIn("verdict_threat", raised.exception.payload.allowed)

    def test_a_write_without_an_answer_is_sent_once_and_its_outcome_left_open(self):
        with socket.create_server(("127.0.0.1", 0)) as server:  # It never answers.
            url = f"http://127.0.0.1:{server.getsockname()[1]}"
            silent = self.connector({**self.settings, "ctr_base_url": url, "request_timeout_ms": "300"})
            with self.assertRaises(ConnectorError) as raised:
                silent.incidents.incident_create(incident={"title": "Reported by telephone"})

            self.assertEqual(raised.exception.case, "outcome-unknown")
            server.settimeout(0.1)
            server.accept()[0].close()
            self.assertRaises(socket.timeout, server.accept)


if __name__ == "__main__":
    unittest.main()
