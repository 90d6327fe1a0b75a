// What the browser's Back and Forward walk through: the tab and, in the playground, the branch. It survives a reload.
"use strict";
window.gpt2demo.steps = (() => {
  const bar = () => [...document.querySelectorAll('#tabs > .tab-wrapper [role="tab"]')];
  const selected = () => bar().find((tab) => tab.getAttribute("aria-selected") === "true")?.dataset.tabId;
  const slug = (tab) => tab.toLowerCase().replaceAll(" ", "-");
  const now = () => history.state?.gpt2demo ?? {};

  /** Where the visitor is now: a new step, unless that was known, or nothing was known of it. */
  const note = (change) => {
    const fresh = Object.entries(change).filter(([name, value]) => now()[name] !== value);
    if (!fresh.length) return;
    const step = fresh.every(([name]) => now()[name] === undefined) ? "replaceState" : "pushState";
    history[step]({ ...history.state, gpt2demo: { ...now(), ...change } }, "", change.tab ? `${location.search}#${slug(change.tab)}` : undefined);
  };
  const open = (tab) => { if (tab && tab.dataset.tabId !== selected()) tab.click(); };
  addEventListener("popstate", () => {
    const { tab, place } = now();
    open(bar().find((button) => button.dataset.tabId === tab));
    if (place !== undefined) document.dispatchEvent(new CustomEvent("branch-wanted", { detail: place }));
  });

  /** Once the tabs are there (they come late on a busy machine, and never on the agents' page): open the one that the address or the step names, and note each that is opened from here on. */
  const begin = (tries = 600) => {
    const tabs = bar();
    if (!tabs.length) return tries > 0 && setTimeout(() => begin(tries - 1), 50);
    open(tabs.find((tab) => slug(tab.dataset.tabId) === location.hash.slice(1)));
    if (now().tab === undefined) history.replaceState({ ...history.state, gpt2demo: { ...now(), tab: selected() } }, "");
    new MutationObserver(() => note({ tab: selected() })).observe(tabs[0].parentElement, { subtree: true, attributes: true, attributeFilter: ["aria-selected"] });
  };

  /** What this browser tab keeps over a reload; nothing in a browser that lets a page in a frame keep nothing. */
  const kept = (name, value) => {
    try {
      if (value !== undefined) sessionStorage.setItem(`gpt2demo-${name}`, value);
      return sessionStorage.getItem(`gpt2demo-${name}`);
    } catch { return null; }
  };
  /** What a page load tells the server: each has a name of its own, and knows that of the one before it in this browser tab. */
  const arrival = () => {
    const visit = Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join("-");
    const before = kept("visit");
    kept("visit", visit);
    return { visit, before, place: now().place ?? null };
  };
  return { note, begin, kept, arrival };
})();
