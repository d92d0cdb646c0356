"""The browser on the cluster's client."""

import pytest
from playwright.sync_api import Browser, expect

from lab.cluster import Cluster

pytestmark = [pytest.mark.kernel, pytest.mark.browser]


def test_it_shows_a_page_that_only_the_cluster_can_reach(cluster: Cluster, client_browser: Browser) -> None:
    server = cluster.web_servers[1]
    page = client_browser.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"http://{server.legs[0].ipv4}/")
    expect(page.locator("body")).to_have_text(server.name)
