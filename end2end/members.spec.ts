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

test("who goes back to the form makes another invitation @scripts", async ({ page, open, say }) => {
  await open("members");
  const made: string[] = [];
  for (const _ of [1, 2]) {
    await page.locator("input[name=role][value=keeper]").check({ force: true });
    await page.getByRole("button", { name: say("invitation-make") }).click();
    await expect(page).toHaveURL(/\/invitations\/[0-9a-f-]{36}$/);
    made.push(new URL(page.url()).pathname);
    await page.goBack({ waitUntil: "commit" });
    // the list is not the one of before either
    await expect(page.locator(`a[href="${made.at(-1)}"]`)).toBeVisible();
  }
  expect(made[1]).not.toBe(made[0]);
  for (const invitation of made) {
    await page.goto(invitation);
    await page.getByRole("button", { name: say("invitation-revoke") }).click();
    await expect(page.getByRole("status")).toHaveText(say("done-invitation-revoked"));
  }
});
