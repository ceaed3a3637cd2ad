// Starts a worker of this page. Its security policy permits the files of the page to be code, no others.

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const policies = (window as unknown as { trustedTypes?: Policies }).trustedTypes;
const policy = policies?.createPolicy("toccata", {
  createScriptURL(url) {
    const { origin, pathname, href } = new URL(url, location.href);
    const own = import.meta.env.DEV ? "/ui/" : "/ui/assets/";
    if (origin === location.origin && pathname.startsWith(own)) return href;
    throw new TypeError(`${url} is no file of this page.`);
  },
});

export const startWorker = (address: string): Worker =>
  new Worker(policy?.createScriptURL(address) ?? address, { type: "module" });
