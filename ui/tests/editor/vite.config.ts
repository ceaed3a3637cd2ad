import { defineConfig } from "vite";

export default defineConfig({
  root: "tests/editor",
  publicDir: false,
  build: {
    lib: { entry: "main.ts", formats: ["es"], fileName: "editor" },
    target: "es2023",
    emptyOutDir: true,
  },
});
