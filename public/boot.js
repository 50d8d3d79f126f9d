// Starts the islands (leptos' island_script.js as a file of its own, so that pages hold no script text) and
// the few things that need no WebAssembly.
const me = document.querySelector("script[data-wasm]");
const parents = [];

async function walk(node, islands) {
  const tag = node.tagName;
  if (tag === "LEPTOS-CHILDREN") parents.push(node.$$on_hydrate);
  if (tag === "LEPTOS-ISLAND") {
    const start = islands[node.dataset.component];
    if (start) {
      parents[parents.length - 1]?.();
      await start(node);
    } else console.warn("no island", node.dataset.component);
  }
  for (const child of node.children) await walk(child, islands);
  if (tag === "LEPTOS-CHILDREN") parents.pop();
}

async function startIslands() {
  if (!document.querySelector("leptos-island")) return;
  const islands = await import(me.dataset.js);
  await islands.default({ module_or_path: me.dataset.wasm });
  islands.hydrate();
  await walk(document.body, islands);
}

// "Show" beside a password: offered only where it works.
for (const button of document.querySelectorAll("button[data-shows]")) {
  const input = document.getElementById(button.dataset.shows);
  const word = button.querySelector("span");
  const [show, hide] = [word.textContent, button.dataset.hide];
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    word.textContent = shown ? hide : show;
    button.setAttribute("aria-pressed", shown);
  });
}

// "Send the link": by whatever the phone sends with, where it can.
for (const button of document.querySelectorAll("button[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  // who changes their mind has done nothing wrong
  button.addEventListener("click", () => navigator.share({ text: button.dataset.share }).catch(() => {}));
}

// − and + step the number where it stands, as the server does (welcome/steps.rs) where no scripts run. What is
// no number stays as it was typed.
const KHMER = "០១២៣៤៥៦៧៨៩";

function whole(typed) {
  const latin = typed.trim().replace(/[០-៩]/g, (digit) => KHMER.indexOf(digit));
  if (latin === "") return 0;
  return /^(\d+|\d{1,3}([,.\s]\d{3})+)$/.test(latin) ? Number(latin.replace(/\D/g, "")) : NaN;
}

for (const stepper of document.querySelectorAll(".stepper")) {
  const { least, most, digits } = stepper.dataset;
  const [input, output] = [stepper.querySelector("input"), stepper.querySelector("output")];
  for (const button of stepper.querySelectorAll("button")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const number = whole(input.value);
      if (!(number < 2 ** 32)) return;
      const next = Math.max(least, Math.min(most, number + Number(button.dataset.by)));
      input.value = String(next).replace(/\d/g, (digit) => digits[digit]);
      output.textContent = input.value;
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

// What belongs to a number is there as often as it says; what was said of another value is not true any more.
document.addEventListener("input", ({ target }) => {
  for (const part of document.querySelectorAll(`[data-of~="${target.name}"]`)) {
    part.hidden = !(part.dataset.nth <= Math.max(1, whole(target.value) || 1));
  }
});

// A second tap does nothing while the first is on its way. After 10 s its answer is lost, and one may try again.
document.addEventListener("submit", (event) => {
  const { dataset } = event.target;
  if (event.timeStamp - dataset.sent < 10_000) event.preventDefault();
  else dataset.sent = event.timeStamp;
});
// A page that one comes back to, from the browser's memory or from its cache, which is not asked whether it is
// too old: its forms may be sent again; and it is asked for anew if somebody has signed out meanwhile, or if it
// has a form that is good for one time.
const left = () => document.cookie.match(/(?:^|; )left=(\d+)/)?.[1];
const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
// when it was made nobody knows
const leftBefore = isBack ? undefined : left();
addEventListener("pageshow", ({ persisted }) => {
  for (const form of document.forms) delete form.dataset.sent;
  const isOld = left() !== leftBefore || document.querySelector("form[data-fresh]");
  if ((persisted || isBack) && isOld) askAnew();
});
// So is the page of somebody who has signed out in another tab, when one comes back to this one.
document.addEventListener("visibilitychange", () => {
  const isTheirs = document.querySelector('form[action="/sign-out"]');
  if (!document.hidden && isTheirs && left() !== leftBefore) askAnew();
});

function askAnew() {
  // no reload: that would send a form again whose answer this is
  location.replace(location.pathname + location.search);
}

startIslands().then(() => (document.documentElement.dataset.ready = ""));
