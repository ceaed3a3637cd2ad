import xml.etree.ElementTree as ET

import pytest

from tests.benchmarks.peers.plot import HEIGHT, WIDTH, plot

SVG = "{http://www.w3.org/2000/svg}"
SERIES = {"toccata": {100: 9.0, 1_000: 8.0, 30_000: 35.0}, "a <rival>": {1_000: 12.0, 15_000: 53.0}}


def drawn(series):
    return ET.fromstring(plot(series))


def test_each_system_has_a_line_through_all_its_rates_and_its_name():
    root = drawn(SERIES)
    lines = [line.get("points", "").split() for line in root.iter(f"{SVG}polyline")]
    assert [len(points) for points in lines] == [3, 2]
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"toccata", "a <rival>", "100", "1,000", "30,000"} <= set(texts)


def test_a_higher_rate_is_further_right_and_a_longer_latency_further_up():
    first, last = (
        [float(part) for part in point.split(",")]
        for point in next(drawn(SERIES).iter(f"{SVG}polyline")).get("points", "").split()[1:]
    )
    assert first[0] < last[0]
    assert first[1] > last[1]


def test_every_point_is_inside():
    for circle in drawn(SERIES).iter(f"{SVG}circle"):
        assert 0 <= float(circle.get("cx", "-1")) <= WIDTH
        assert 0 <= float(circle.get("cy", "-1")) <= HEIGHT


def test_one_point_alone_is_drawn():
    assert len(list(drawn({"toccata": {1_000: 8.0}}).iter(f"{SVG}circle"))) == 1


def test_nothing_measured_is_an_error():
    with pytest.raises(ValueError, match="no rate"):
        plot({"toccata": {}})
