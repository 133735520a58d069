// What the page does in the browser by itself. It sends nothing.
() => {
  const find = (selector, within = document) => within.querySelector(selector);

  // --- Copying, quotes, the reader

  const said = document.createElement("p");
  said.className = "dl-hidden";
  said.setAttribute("role", "status");
  document.body.append(said);

  async function copy(button) {
    const text = button.dataset.copy.startsWith("?")
      ? new URL(button.dataset.copy, location.origin + location.pathname).href
      : button.dataset.copy;
    try {
      await navigator.clipboard.writeText(text);
    } catch {  // a page that is not on this machine and not encrypted has no clipboard
      const area = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      button.focus();
    }
    if (button.classList.contains("dl-done")) return;
    const label = find("span", button);
    const words = label.textContent;
    said.textContent = label.textContent = "Copied";
    button.classList.add("dl-done");
    setTimeout(() => {
      button.classList.remove("dl-done");
      label.textContent = words;
      said.textContent = "";
    }, 1500);
  }

  function showQuote(link) {
    const place = find(link.getAttribute("href"));
    const mark = place?.nextElementSibling;
    if (!mark) return;
    place.focus({ preventScroll: true });
    mark.scrollIntoView({ block: "nearest" });
    mark.classList.add("dl-flash");
    setTimeout(() => mark.classList.remove("dl-flash"), 1500);
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-copy], [data-close], [data-to], sup a, dialog");
    if (!target) return;
    if (target.matches("[data-copy]")) copy(target);
    else if (target.matches("[data-close]")) target.closest("dialog").close();
    else if (target.matches("[data-to]")) find(target.dataset.to).scrollIntoView();
    else if (target.matches("dialog") && event.target === target) target.close();  // beside the reader
    else if (target.matches("sup a")) {
      event.preventDefault();
      showQuote(target);
    }
  });

  // --- What Gradio leaves out, put right each time it has drawn something

  // The focus stays where it was: on the same button, drawn anew, or on what the button stood in.
  let held = null;
  document.addEventListener("pointerdown", ({ target }) => { if (!held?.target.contains(target)) held = null; });
  document.addEventListener("focusin", ({ target }) => {
    const part = target.closest(".dl-exchange");
    const list = target.closest("#talk, #listed, #conversations");
    if (!list || target.closest("dialog")) {
      held = null;
      return;
    }
    const where = part ? `#${part.id} ` : `#${list.id} `;
    const names = ["data-event", "data-value", "href", "title"].filter((name) => target.hasAttribute(name));
    const same = target.id ? `#${target.id}` : where + names.map((n) => `[${n}="${CSS.escape(target.getAttribute(n))}"]`).join("");
    held = { target, places: [same, part ? `${where}h2` : `${where}li button`] };
  });

  function keepFocus() {
    if (!held) return;
    const [same, around] = held.places.map((selector) => find(selector));
    const there = held.target.isConnected;
    // drawn anew in place, it may be the button of another row by now
    if (there && (held.target.matches(held.places[0]) || document.activeElement !== held.target)) return;
    if (!there && document.activeElement !== document.body) return;
    const { target } = held;
    held = null;
    (same ?? around)?.focus({ preventScroll: true });
    if (document.activeElement === target) target.blur();
  }

  function localTimes() {
    for (const time of document.querySelectorAll("time:not([data-local])")) {
      const at = new Date(time.dateTime);
      const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
      time.textContent = `${day}, ${at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" })}`;
      time.dataset.local = "";
    }
  }

  function tellOpen() {
    for (const button of document.querySelectorAll("button.label-wrap")) {
      const open = String(button.classList.contains("open"));
      if (button.ariaExpanded !== open) button.ariaExpanded = open;
    }
  }

  new MutationObserver(() => {
    keepFocus();
    localTimes();
    tellOpen();
  }).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });

  // A name that no publisher has is refused where it is typed; Gradio would drop it without a word.
  function refuse(input) {
    const known = !input.value.trim() || find('#publishers [role="option"]');
    input.setCustomValidity(known ? "" : `No article is from a publisher named “${input.value.trim()}”.`);
    if (!known) input.reportValidity();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("#publishers input")) refuse(event.target);
  }, true);
  document.addEventListener("input", (event) => {
    if (event.target.matches("#publishers input")) event.target.setCustomValidity("");
  }, true);

  // --- A page that is left keeps what is in the box, or the question it has no answer to, for the next one in this tab

  const TYPED = "dateline-typed";
  const box = () => find("#question textarea");
  let loggingOut = false;  // the next to log in here may be somebody else
  document.addEventListener("click", ({ target }) => { loggingOut = target.matches('[href="/logout"]'); });
  addEventListener("pagehide", () => {
    if (loggingOut) return;
    const asksItself = new URLSearchParams(location.search).has("q");
    const unanswered = !asksItself && find("#talk .dl-exchange[data-unanswered]:last-of-type h2")?.textContent;
    const left = box()?.value || unanswered;
    if (left) sessionStorage.setItem(TYPED, left);
  });

  const typed = sessionStorage.getItem(TYPED);
  sessionStorage.removeItem(TYPED);
  if (typed) {
    const waiting = setInterval(() => {
      if (!box()) return;
      clearInterval(waiting);
      box().value = typed;
      box().dispatchEvent(new Event("input", { bubbles: true }));
    }, 50);
  }

  // --- A login that has ended

  const fetched = window.fetch;
  window.fetch = async (...request) => {
    const response = await fetched(...request);
    if (response.status === 401 && !find("#ended")) sayEnded();
    return response;
  };

  function sayEnded() {
    const bar = Object.assign(document.createElement("p"), { id: "ended", textContent: "Your login has ended. " });
    bar.setAttribute("role", "alert");
    const again = Object.assign(document.createElement("a"), { textContent: "Log in again" });
    again.href = `/login?${new URLSearchParams({ next: location.pathname + location.search })}`;
    bar.append(again);
    document.body.append(bar);
  }
}
