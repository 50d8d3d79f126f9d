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

// A second tap does nothing while the first is on its way.
document.addEventListener("submit", (event) => {
  if ("sent" in event.target.dataset) event.preventDefault();
  else event.target.dataset.sent = "";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

startIslands().then(() => (document.documentElement.dataset.ready = ""));
