"""OAuth 1.0a against the example in the appendix of its specification."""

from __future__ import annotations

from toccata.plugins.families.notifications.run.oauth import signed


def test_a_request_is_signed_as_the_specification_says() -> None:
    header = signed(
        "get",
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        ("dpf43f3p2l4k3l03", "nnch734d00sl2jdk"),
        ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
        ("kllo9940pd9333jh", 1191242096),
    )
    assert 'oauth_signature="tR3%2BTy81lMeYAr%2FFid0kMTYa%2FWM%3D"' in header
