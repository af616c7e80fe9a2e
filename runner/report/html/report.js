"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const overview = byId("overview");
  const view = byId("view");
  const title = document.title;

  // --- the packed details of cases ---

  const unpacked = new Map();

  async function unpack(number) {
    const text = byId(`packed-${number}`).textContent;
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).json();
  }

  function partsOf(number) {
    if (!unpacked.has(number)) unpacked.set(number, unpack(number));
    return unpacked.get(number);
  }

  // --- filters ---

  const cases = all("#cases [data-case]").map((link) => {
    const file = link.closest("[data-file]");
    const scenario = link.closest(".scenario");
    const tags = link.dataset.tags ? link.dataset.tags.split("\n") : [];
    const words = [link.textContent, link.title, file.firstElementChild.textContent, ...tags];
    if (scenario) words.push(scenario.firstElementChild.textContent);
    return {
      link,
      number: Number(link.dataset.case),
      verdicts: link.dataset.verdict.split(" "),
      tags,
      file: file.dataset.file,
      words: words.join("\n").toLowerCase(),
      shown: true,
    };
  });
  const byNumber = new Map(cases.map((one) => [one.number, one]));
  const search = byId("search");
  const tag = byId("tag");
  const file = byId("file");
  const buttons = all("button.verdict");
  const WRONG = ["failed", "errored"];

  function pressed() {
    return buttons.filter((one) => one.ariaPressed === "true").map((one) => one.dataset.verdict);
  }

  function press(verdicts) {
    for (const button of buttons) button.ariaPressed = String(verdicts.includes(button.dataset.verdict));
  }

  function filter() {
    const verdicts = pressed();
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const one of cases) {
      one.shown =
        (!verdicts.length || verdicts.some((verdict) => one.verdicts.includes(verdict))) &&
        (!tag.value || one.tags.includes(tag.value)) &&
        (!file.value || one.file === file.value) &&
        words.every((word) => one.words.includes(word));
      one.link.hidden = !one.shown;
    }
    for (const group of all("#cases .scenario, #cases .file")) {
      group.hidden = !group.querySelector("[data-case]:not([hidden])");
    }
    const shown = cases.filter((one) => one.shown).length;
    byId("shown").value = shown === cases.length ? `${shown} cases` : `${shown} of ${cases.length} cases`;
    byId("nothing").hidden = shown > 0;
  }

  /** Keep the filters in the address, so that it can be sent to somebody. */
  function store() {
    const query = new URLSearchParams();
    if (search.value) query.set("q", search.value);
    if (pressed().length) query.set("verdict", pressed().join(","));
    if (tag.value) query.set("tag", tag.value);
    if (file.value) query.set("file", file.value);
    history.replaceState(null, "", `#${String(query) && `?${query}`}`);
    filter();
  }

  function restore(query) {
    search.value = query.get("q") ?? "";
    press((query.get("verdict") ?? "").split(","));
    tag.value = query.get("tag") ?? "";
    file.value = query.get("file") ?? "";
    filter();
  }

  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  for (const field of [search, tag, file]) field.addEventListener("input", store);
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      store();
    });
  }
  byId("clear").addEventListener("click", () => {
    restore(new URLSearchParams());
    store();
    search.focus();
  });

  // --- one case, and the rows of a matrix side by side ---

  let back = "#";
  let here = null;

  const SIGNS = {
    delivered: '<path class="head full" d="M34 8l-9 -5v10z"/>',
    ignored: '<circle class="head" cx="30" cy="8" r="4"/>',
    pending: '<path class="head" d="M32 2v12M28 2v12"/>',
    dropped: '<path class="head" d="M19 3l10 10M19 13l10 -10"/>',
    rejected: '<path class="head" d="M17 8a5.5 5.5 0 1 0 11 0a5.5 5.5 0 1 0 -11 0M18.500 12l8 -8"/>',
    "not known": '<text class="head-words" x="28" y="12">?</text>',
  };
  const ENDS = { dropped: 20, rejected: 16 };

  function sign(fate) {
    const end = ENDS[fate] ?? 25;
    return `<svg width="38" height="16"><line class="shaft" x1="0" x2="${end}" y1="8" y2="8"/>${SIGNS[fate]}</svg>`;
  }

  function show(html, heading) {
    view.innerHTML = html;
    for (const one of all("[data-fate]", view)) one.innerHTML = sign(one.dataset.fate);
    overview.hidden = true;
    view.hidden = false;
    document.title = `${heading} – scenario-run`;
    window.scrollTo(0, 0);
    view.querySelector("h1").focus({ preventScroll: true });
  }

  function neighbour(way) {
    const shown = cases.filter((one) => one.shown || one.number === here);
    return shown[shown.findIndex((one) => one.number === here) + way];
  }

  async function showCase(number) {
    const parts = await partsOf(number);
    here = number;
    show(parts.details, byNumber.get(number).link.textContent);
    const picture = view.querySelector("[data-picture]");
    if (picture) picture.innerHTML = parts.picture;
    view.querySelector("[data-back]").href = back;
    for (const link of all("[data-step]", view)) {
      const other = neighbour(Number(link.dataset.step));
      link.hidden = !other;
      if (other) link.href = `#case=${other.number}`;
    }
  }

  const whenSeen = new IntersectionObserver(
    (entries) => {
      for (const entry of entries.filter((one) => one.isIntersecting)) {
        whenSeen.unobserve(entry.target);
        partsOf(Number(entry.target.dataset.of)).then((parts) => {
          entry.target.innerHTML = parts.picture;
        });
      }
    },
    { rootMargin: "400px" },
  );

  function showMatrix(number) {
    const scenario = byNumber.get(number).link.closest(".scenario");
    const heading = scenario.firstElementChild.firstChild.textContent.trim();
    show('<nav class="path" aria-label="Cases"><a class="button">← All cases</a></nav><h1 tabindex="-1"></h1><div class="columns"></div>', heading);
    view.querySelector("a").href = back;
    view.querySelector("h1").textContent = heading;
    const columns = view.querySelector(".columns");
    for (const link of all("[data-case]", scenario)) {
      const column = document.createElement("article");
      const name = document.createElement("h2");
      const open = document.createElement("a");
      open.href = link.href;
      open.textContent = link.dataset.label;
      name.append(link.querySelector(".icon").cloneNode(true), open);
      const said = document.createElement("p");
      said.className = "place";
      said.textContent = link.title.split("\n").slice(1).join(" ") || link.dataset.verdict;
      const picture = document.createElement("div");
      picture.className = "scroll timeline";
      picture.tabIndex = 0;
      picture.role = "region";
      picture.ariaLabel = `Timeline picture of ${open.textContent}`;
      picture.dataset.of = link.dataset.case;
      column.append(name, said, picture);
      columns.append(column);
      whenSeen.observe(picture);
    }
    here = null;
  }

  function showOverview() {
    const from = here;
    view.hidden = true;
    overview.hidden = false;
    view.replaceChildren();
    document.title = title;
    const link = from === null ? null : byNumber.get(from).link;
    if (link && !link.hidden) link.focus();
    here = null;
  }

  function route() {
    const [, word, number] = /^#(case|matrix)=(\d+)$/.exec(location.hash) ?? [];
    const one = byNumber.get(Number(number));
    if (word === "case" && one) showCase(one.number);
    else if (word === "matrix" && one && one.link.closest(".scenario")) showMatrix(one.number);
    else if (!location.hash || location.hash === "#" || location.hash.startsWith("#?")) {
      back = location.hash || "#";
      restore(new URLSearchParams(location.hash.slice(2)));
      showOverview();
    }
  }

  window.addEventListener("hashchange", route);
  overview.addEventListener("click", (event) => {
    if (event.target.closest("a[href^='#']")) back = location.hash || "#";
  });

  // --- theme ---

  const THEMES = ["auto", "light", "dark"];
  const root = document.documentElement;

  function setTheme(name) {
    if (name === "auto") delete root.dataset.theme;
    else root.dataset.theme = name;
    byId("theme-word").textContent = name;
    try {
      localStorage.setItem("scenario-run-theme", name);
    } catch {
      // A page opened from a file may have no storage: the theme then lasts as long as the page.
    }
  }

  function nextTheme() {
    setTheme(THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length]);
  }

  try {
    const stored = localStorage.getItem("scenario-run-theme");
    if (THEMES.includes(stored)) setTheme(stored);
  } catch {
    // As above.
  }
  byId("theme").addEventListener("click", nextTheme);

  // --- keys ---

  const help = byId("help");
  byId("help-button").addEventListener("click", () => help.showModal());
  byId("help-close").addEventListener("click", () => help.close());

  function move(way) {
    if (!view.hidden) {
      const other = here === null ? null : neighbour(way);
      if (other) location.hash = `case=${other.number}`;
      return;
    }
    const shown = cases.filter((one) => one.shown);
    const at = shown.findIndex((one) => one.link === document.activeElement);
    const next = shown[at < 0 ? 0 : Math.min(Math.max(at + way, 0), shown.length - 1)];
    if (next) next.link.focus();
  }

  const KEYS = {
    "/": () => search.focus(),
    j: () => move(1),
    k: () => move(-1),
    f: () => {
      press(pressed().join() === WRONG.filter((one) => buttons.some((button) => button.dataset.verdict === one)).join() ? [] : WRONG);
      store();
    },
    t: nextTheme,
    "?": () => help.showModal(),
    Escape: () => {
      if (!view.hidden) location.hash = back;
      else document.activeElement.blur();
    },
  };

  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, dialog");
    if (event.ctrlKey || event.metaKey || event.altKey || help.open || (typing && event.key !== "Escape")) return;
    const act = KEYS[event.key];
    if (!act || (view.hidden === false && ["/", "f"].includes(event.key))) return;
    event.preventDefault();
    act();
  });

  route();
})();
