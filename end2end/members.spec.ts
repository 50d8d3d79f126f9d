import { expect, sidewaysScroll, test } from "./lib/test";

test("an invitation is made, handed over and deleted @scripts", async ({ page, open, say }) => {
  await open("members");
  await page.locator("input[name=role][value=keeper]").check({ force: true });
  await page.getByRole("button", { name: say("invitation-make") }).click();
  await expect(page.getByRole("img", { name: say("invitation-qr") })).toBeVisible();
  const code = (await page.locator(".ticket .code").innerText()).replace(" ", "");
  expect(code).toMatch(/^[2-9A-HJ-NP-Z]{8}$/);
  await expect(page.locator(".ticket .address")).toHaveText(new URL(`/join/${code}`, page.url()).href);
  for (const width of [360, 320]) {
    await page.setViewportSize({ width, height: 740 });
    expect(await sidewaysScroll(page), `${width} px wide`).toBe(0);
  }
  await page.getByRole("button", { name: say("invitation-revoke") }).click();
  await expect(page.getByRole("status")).toHaveText(say("done-invitation-revoked"));
});
