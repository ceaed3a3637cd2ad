// A small code editor and a worker, to prove that they can live under the page's Content-Security-Policy. Not shipped.

import { yaml } from "@codemirror/lang-yaml";
import { defaultHighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { linter } from "@codemirror/lint";
import { EditorView } from "@codemirror/view";

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): {
    createScriptURL(url: string): string;
  };
}

export function mountEditor(parent: HTMLElement): EditorView {
  const nonce = document.querySelector<HTMLMetaElement>("meta[property=csp-nonce]")?.nonce ?? "";
  const fault = linter(() => [{ from: 0, to: 2, severity: "error", message: "a fault" }], { delay: 0 });
  return new EditorView({
    parent,
    doc: "id: hello\nnamespace: examples\n",
    extensions: [
      EditorView.cspNonce.of(nonce),
      EditorView.lineWrapping,
      yaml(),
      syntaxHighlighting(defaultHighlightStyle),
      fault,
    ],
  });
}

/** What the worker at `address` answers. The one policy that the page may make lets files of its own be code, no others. */
export function askWorker(address: string): Promise<unknown> {
  const { trustedTypes } = window as unknown as { trustedTypes: Policies };
  const policy = trustedTypes.createPolicy("toccata", {
    createScriptURL(url) {
      const { origin, pathname, href } = new URL(url, location.href);
      if (origin === location.origin && pathname.startsWith("/ui/assets/")) return href;
      throw new TypeError(`${url} is no file of this page.`);
    },
  });
  const worker = new Worker(policy.createScriptURL(address), { type: "module" });
  return new Promise((done, failed) => {
    worker.onmessage = event => done(event.data);
    worker.onerror = () => failed(new Error("the worker did not start"));
  });
}
