"""Icons of types: a letter on a tile."""

import base64

from services.web.core.view.icon import icon, svg


def test_types_of_a_group_share_a_colour_and_have_their_letter():
    log, fetch, flow = svg("a.log.Log"), svg("a.log.Fetch"), svg("a.flow.If")
    assert ">L</text>" in log
    assert ">F</text>" in fetch
    assert log.replace(">L<", ">F<") == fetch
    assert log.replace(">L<", ">I<") != flow
    assert "<script" not in svg('x."><script>')
    assert base64.b64decode(icon("a.log.Log", flowable=True)["icon"]).decode() == log
