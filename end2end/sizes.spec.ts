import { statSync } from "node:fs";
import { folder } from "./lib/installation";
import { expect, settled, signIn, test } from "./lib/test";

const KB = 1024;

test("the first visit is small, and all of it ours @scripts", async ({ page, role, baseURL }) => {
  const network = await page.context().newCDPSession(page);
  await network.send("Network.enable");
  const asked = new Map<string, { url: string; type: string }>();
  const bytes = new Map<string, number>();
  network.on("Network.requestWillBeSent", (event) => asked.set(event.requestId, { url: event.request.url, type: event.type ?? "Other" }));
  // Of fonts the bound is on the files, of all else on what travels, headers included.
  const files = new Map<string, number>();
  page.on("response", (response) => {
    if (response.url().endsWith(".woff2")) files.set(response.url(), statSync(`${folder}/site${new URL(response.url()).pathname}`).size);
  });
  network.on("Network.loadingFinished", (event) => bytes.set(event.requestId, event.encodedDataLength));

  await signIn(page, role);
  await settled(page, true);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForLoadState("load");

  const sum = (keep: (request: { url: string; type: string }) => boolean) =>
    [...bytes].filter(([id]) => keep(asked.get(id) ?? { url: "", type: "" })).reduce((total, [, size]) => total + size, 0);
  const isFont = (request: { url: string }) => request.url.endsWith(".woff2");
  const isCode = (request: { url: string }) => /\/pkg\/tokkatot\.[0-9a-f]+\.(js|wasm)$/.test(request.url);
  const all = sum((request) => !isFont(request));
  const code = sum(isCode);
  const fonts = [...files.values()].reduce((total, size) => total + size, 0);
  console.log(`first visit: ${all} B without fonts, of it wasm and glue ${code} B; fonts ${fonts} B:`, ...files.keys());

  expect(code, "wasm was loaded at all").toBeGreaterThan(10 * KB);
  expect(all).toBeLessThanOrEqual(120 * KB);
  expect(code).toBeLessThanOrEqual(72 * KB);
  expect(fonts).toBeLessThanOrEqual(51_200);
  for (const { url } of asked.values()) expect(url.startsWith(`${baseURL}/`) || url.startsWith("data:"), url).toBe(true);
});
