// The page: tiles, then a panel for each question, drawn anew whenever a filter changes.

const PANELS = [
  ["rates", "most", "Are our emails getting better?", "Per week of sending. The last 14 days still collect replies.", ratesByWeek],
  ["workload", "third", "Is everybody working?", "Touches per working day of active reps, empty days counted.", workload],
  ["leaders", "wide", "Who leads, who needs help, and what does a meeting cost?",
    "Ordered by meetings booked. Bounce rates above 5 % stand out.", leaders],
  ["cadences", "wide", "Which cadences work?", "People added in the period, and what became of each since.", cadences],
  ["steps", "", "Which step earns replies?", "Choose a cadence to see its own steps by name.", steps],
  ["teams", "", "How do teams compare?", "Reply rate by the team a rep was in when sending.", teams],
  ["answers", "", "When do people answer?", "Replies and connected calls by weekday and hour.", answers],
  ["dispositions", "", "What happens on calls?", "Logged calls by outcome.", dispositions],
  ["meetings", "most", "Do booked meetings happen?", "By the week of booking.", meetings],
  ["speed", "third", "How fast do replies come?", "Hours from sending to the first reply.", speed],
  ["backlog", "third", "What is overdue?", "Work past its day, as each day showed it.", backlog],
  ["coverage", "third", "Do we reach our accounts?", "Accounts of the chosen owners with a person touched within 30 days of the load.", coverage],
  ["alarms", "third", "Are we burning the domain?", "Weeks of 50 emails or more of which over 5 % bounced.", alarms],
];

function panel([name, span, title, about, show], filters) {
  const shown = show(filters);
  const content = shown.length ? shown : [h("p", { class: "empty" }, name === "alarms" ? "No such week." : "Nothing in this selection.")];
  return h("section", { id: `panel-${name}`, class: span, "aria-labelledby": `title-${name}` },
    h("h2", { id: `title-${name}` }, title), h("p", {}, about), ...content);
}

function draw(filters) {
  const main = document.getElementById("main");
  const parts = KINDS.filter((kind) => filters[kind] !== null).map((kind) => nameOf(kind, filters[kind]));
  document.getElementById("selection").textContent =
    [`${shortDay(weeksOf(filters.weeks)[0])} to ${longDay(info.day)}`, ...parts].join(" · ");
  if (!tables.work.length) {
    main.replaceChildren(h("p", { class: "empty" }, "The warehouse holds no activity yet: run a sync, build the mart, then this page."));
    return;
  }
  const panels = PANELS.map((each) => panel(each, filters));
  main.replaceChildren(tiles(filters), h("div", { id: "panels" }, ...panels));
}

document.getElementById("through").textContent =
  `Data through ${longDay(info.day)}, ${info.as_of.slice(11, 16)} UTC · days of ${info.time_zone} · build ${info.build_id}`;
document.getElementById("notes").append(...[
  "Weeks begin on Monday; the last one may not be over. Replies and bounces belong to the week of sending, and weeks younger than 14 days are mature later: they are shaded, and not in the tile of the reply rate.",
  `A dash stands for a rate of fewer than ${FEWEST} emails, calls or people: it would be chance.`,
  "Opens are inflated: mail programs open messages by themselves. Compare them with themselves at most.",
  ...info.left_out.map((words) => `To keep the page small, ${words}.`),
].map((words) => h("p", {}, words)));
offerFilters(draw);
