// The call that executes a flow, as other programs would write it.

export interface Call {
  /** Of the server, without a path. */
  origin: string;
  namespace: string;
  id: string;
  /** The inputs as the call sends them. */
  texts: Readonly<Record<string, string>>;
}

const addressOf = ({ origin, namespace, id }: Call): string =>
  `${origin}/api/v1/main/executions/${encodeURIComponent(namespace)}/${encodeURIComponent(id)}`;

export function curlText(call: Call): string {
  const parts = [
    `curl --user "$TOCCATA_USER:$TOCCATA_PASSWORD" --request POST`,
    // A form's string is taken as it is, also if it begins with @.
    ...Object.entries(call.texts).map(([name, text]) => `--form-string ${quoted(`${name}=${text}`)}`),
    quoted(addressOf(call)),
  ];
  return parts.join(" \\\n  ");
}

export function pythonText(call: Call): string {
  const fields = Object.entries(call.texts).map(
    ([name, text]) => `        ${JSON.stringify(name)}: (None, ${JSON.stringify(text)}),\n`,
  );
  const files = fields.length ? `    files={\n${fields.join("")}    },\n` : "";
  return `import os

import requests

answer = requests.post(
    ${JSON.stringify(addressOf(call))},
    auth=(os.environ["TOCCATA_USER"], os.environ["TOCCATA_PASSWORD"]),
${files}    timeout=60,
)
answer.raise_for_status()
print(answer.json()["id"])
`;
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
