// What only PyTorch can do is greyed while an engine is on that cannot look inside the model, with the reason beside it.
"use strict";
Object.assign(window.gpt2demo, (() => {
  const { make } = window.gpt2demo;
  const blind = () => document.documentElement.classList.contains("cannot-look-inside");

  /** A control with the reason beside it that is seen while the control is greyed. */
  const needsPyTorch = (control) => {
    control.inert = blind();
    return make("span", { class: "needs-pytorch" }, control, make("small", {}, "needs PyTorch"));
  };

  /** Grey those controls, or give them back. Buttons of Gradio's own carry the class themselves. */
  const lookInside = (can) => {
    document.documentElement.classList.toggle("cannot-look-inside", !can);
    for (const control of document.querySelectorAll("span.needs-pytorch > :first-child, button.needs-pytorch")) control.inert = !can;
  };
  document.addEventListener("focusin", (event) => { // a tab that was laid out later
    if (blind()) event.target.closest?.("button.needs-pytorch")?.toggleAttribute("inert", true);
  });
  return { needsPyTorch, lookInside };
})());
