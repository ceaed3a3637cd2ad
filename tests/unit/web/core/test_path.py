import pytest

from services.web.core.path import Route, route_of


@pytest.mark.parametrize(
    ("path", "canonical", "legacy"),
    [
        ("/api/v1/main/flows/search", "/api/v1/main/flows/search", False),
        ("/api/v1/flows/search", "/api/v1/main/flows/search", True),
        ("/api/v1/executions/a/b", "/api/v1/main/executions/a/b", True),
        ("/api/v1/configs", "/api/v1/configs", False),
        ("/api/v1/main/configs", "/api/v1/configs", False),
        ("/api/v1/main/plugins/x.Y", "/api/v1/plugins/x.Y", False),
        ("/api/v1/version", "/api/v1/version", False),
        ("/ping", "/ping", False),
    ],
)
def test_every_spelling_of_a_path_means_one_resource(path, canonical, legacy):
    assert route_of(path) == Route(canonical, legacy)


def test_a_tenant_other_than_main_is_foreign():
    assert route_of("/api/v1/other/flows/search").foreign_tenant


def test_an_unknown_resource_is_no_tenant():
    assert not route_of("/api/v1/nothing/here").foreign_tenant
