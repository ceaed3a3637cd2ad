import { defineConfig, loadEnv } from "vite";

/** The system that `npm run dev` asks for data. */
const server = loadEnv("", ".", "TOCCATA_")["TOCCATA_URL"] ?? "http://localhost:8080";

export default defineConfig({
  base: "/ui/",
  publicDir: false,
  // The server puts a fresh value in place of this word whenever it serves the page.
  html: { cspNonce: "__CSP_NONCE__" },
  build: {
    outDir: "../services/web/ui/built",
    emptyOutDir: true,
    target: "es2023",
    // Every file has an address of its own.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      // How long plug-ins took is nothing that a reader can act on.
      checks: { pluginTimings: false },
      onLog(level, log, tell) {
        // Libraries mark what runs in a browser. Here everything does.
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") tell(level, log);
      },
    },
  },
  // The server refuses changes by pages of other origins, so it must hear the page's own address.
  server: { port: 5173, proxy: { "/api": { target: server, changeOrigin: false } } },
});
