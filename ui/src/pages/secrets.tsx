// The names of all secrets.

import { useNavigate } from "@tanstack/react-router";
import { Page } from "../parts/page.tsx";
import { SecretList } from "../parts/secrets.tsx";
import { secretsRoute } from "../routes.ts";

export function SecretsPage() {
  const { page = "1" } = secretsRoute.useSearch();
  const navigate = useNavigate({ from: secretsRoute.fullPath });
  return (
    <Page title="Secrets" heading="Secrets">
      <SecretList page={Number(page)} turn={at => void navigate({ search: { page: String(at) } })} />
    </Page>
  );
}
