// Below the form that executes a flow: presets, the inputs as JSON, and the same call for other programs.

import { Button, Input } from "@mantine/core";
import { useId, useState, useSyncExternalStore } from "react";
import type { InputForm } from "../model/input-form.ts";
import { type Call, curlText, pythonText } from "../model/snippet.ts";
import { say } from "./act.tsx";
import { NamedChoice } from "./named.tsx";

interface ExecuteMoreProps {
  form: InputForm;
  namespace: string;
  id: string;
}

export function ExecuteMore({ form, namespace, id }: ExecuteMoreProps) {
  const fields = useSyncExternalStore(form.subscribe, form.now);
  return (
    <div className="more">
      {fields.length ? (
        <>
          <NamedChoice<Record<string, unknown>>
            place={["inputs", namespace, id]}
            thing="preset"
            text="These inputs are kept in this browser under a name. Secrets and files are not."
            value={() => form.kept()}
            open={values => form.fill(values)}
          />
          <details>
            <summary>Inputs as JSON</summary>
            <AsJson form={form} />
          </details>
        </>
      ) : null}
      <details>
        <summary>The same call by curl or Python</summary>
        <Snippets call={{ origin: location.origin, namespace, id, texts: form.texts(true) }} />
      </details>
    </div>
  );
}

function AsJson({ form }: { form: InputForm }) {
  const id = useId();
  // What a person types is shown as typed, until the field is left.
  const [typed, setTyped] = useState<string | null>(null);
  const [wrong, setWrong] = useState("");
  const read = (text: string) => {
    setTyped(text);
    try {
      const values: unknown = JSON.parse(text);
      if (typeof values !== "object" || values === null || Array.isArray(values))
        throw new Error("expected an object with a value for each input");
      setWrong("");
      form.fill(values as Record<string, unknown>);
    } catch (error) {
      setWrong(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <div className="field">
      <Input
        component="textarea"
        multiline
        rows={6}
        classNames={{ input: "mono" }}
        aria-label="Inputs as JSON"
        aria-describedby={id}
        aria-invalid={wrong !== ""}
        value={typed ?? JSON.stringify(form.kept(), null, 2)}
        onChange={event => read(event.target.value)}
        onBlur={() => {
          if (!wrong) setTyped(null);
        }}
      />
      <p className="problem" id={id} role="alert">
        {wrong}
      </p>
    </div>
  );
}

function Snippets({ call }: { call: Call }) {
  return (
    <>
      {[
        { name: "curl", text: curlText(call) },
        { name: "Python", text: pythonText(call) },
      ].map(({ name, text }) => (
        <figure className="snippet" key={name}>
          <figcaption>
            {name}
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={() => void navigator.clipboard.writeText(text).then(() => say("Copied"))}
            >
              {`Copy ${name}`}
            </Button>
          </figcaption>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: who uses the keyboard scrolls it, too */}
          <pre tabIndex={0}>{text}</pre>
        </figure>
      ))}
    </>
  );
}
