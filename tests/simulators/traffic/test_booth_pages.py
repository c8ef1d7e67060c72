"""The simulated guard's browser, on pages as the booth makes them."""

from simulators.traffic.booth_pages import read_page

LANES = """
<form method="post" action="/sign-out"><input type="hidden" name="token" value="t1"></form>
<a class="act" href="/lanes/in-1/admit?passage=p1&amp;choice=c1">as</a> <a href="/lanes/in-1/admit?passage=p1">stranger</a>
"""
ACT = """
<form method="post" action="/sign-out"><input type="hidden" name="token" value="t1"></form>
<form method="post" action="/lanes/in-1/admit?passage=p1&amp;choice="><input type="hidden" name="token" value="t2">
<input type="hidden" name="request" value="r1"><input name="words"><button name="reason" value="visitor">yes</button></form>
"""
DEVICES = """
<table><thead><tr><th>Device</th><th>State</th></tr></thead>
<tr><th scope="row">reader-in</th><td>✓ up
   well</td><td>09:00</td></tr></table><p>outside</p>
"""


def test_links_are_read_as_a_browser_reads_them() -> None:
    assert read_page(LANES).links == ["/lanes/in-1/admit?passage=p1&choice=c1", "/lanes/in-1/admit?passage=p1"]


def test_form_is_found_by_where_it_is_sent() -> None:
    page = read_page(ACT)
    assert page.form("/lanes/in-1/admit") == ("/lanes/in-1/admit?passage=p1&choice=", {"token": "t2", "request": "r1"})
    assert page.form("/sign-out") == ("/sign-out", {"token": "t1"})
    assert page.form("/sign-in") is None


def test_rows_of_tables_are_read_cell_by_cell() -> None:
    assert read_page(DEVICES).rows == [["Device", "State"], ["reader-in", "✓ up well", "09:00"]]


def test_a_broken_page_is_no_fault_of_ours() -> None:
    page = read_page('<input type="hidden"><td>x<a><form><tr><td>y')
    assert page.rows == [["y"]]
    assert page.forms == {"": {}}
