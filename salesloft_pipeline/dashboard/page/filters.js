// Filters: what of the content is looked at. They stand in the address after #, so that a view can be passed on.

const { info, names, tables: packed } = JSON.parse(document.getElementById("data").textContent);
const tables = Object.fromEntries(Object.entries(packed).map(([name, { columns: titles, rows }]) =>
  [name, rows.map((row) => Object.fromEntries(titles.map((title, n) => [title, row[n]])))]));
const KINDS = ["team", "rep", "cadence"];
const PERIODS = [4, 8, 13, 26, 52];
const FEWEST = 30;

const nameOf = (kind, id) => names[kind][id]?.[0] ?? `${kind} ${id}`;
const daysBefore = (day, days) => new Date(Date.parse(day) - 86400000 * days).toISOString().slice(0, 10);
const firstWeek = Object.values(tables).flat().reduce((first, row) => (row.week < first ? row.week : first), info.week);

// The weeks of a period, oldest first; the last one is that of the load.
const weeksOf = (period) => [...Array(period).keys()].map((n) => daysBefore(info.week, 7 * (period - 1 - n)));
const isMature = (week) => daysBefore(info.day, 14) >= daysBefore(week, -6);

function periods() {
  const there = Math.round((Date.parse(info.week) - Date.parse(firstWeek)) / 604800000) + 1;
  return PERIODS.filter((period, n) => n === 0 || PERIODS[n - 1] < there);
}

// What the address asks for: {weeks, team, rep, cadence}; null is all.
function asked() {
  const words = new URLSearchParams(location.hash.slice(1));
  const found = { weeks: Number(words.get("weeks")) };
  if (!periods().includes(found.weeks)) found.weeks = periods().filter((period) => period <= 13).at(-1);
  for (const kind of KINDS) found[kind] = Object.hasOwn(names[kind], words.get(kind)) ? Number(words.get(kind)) : null;
  return found;
}

// The rows of a table that every filter lets through; a table without weeks or cadences is filtered by the others.
function chosen(name, filters) {
  const first = weeksOf(filters.weeks)[0];
  return tables[name].filter((row) => (row.week ?? first) >= first
    && KINDS.every((kind) => filters[kind] === null || row[kind] === undefined || row[kind] === filters[kind]));
}

// Sums of all counts of the rows.
function summed(rows, counts) {
  const sums = Object.fromEntries(counts.map((count) => [count, 0]));
  for (const row of rows) for (const count of counts) sums[count] += row[count];
  return sums;
}

// The rows by the value of a column: Map of value to rows.
function grouped(rows, column) {
  const groups = new Map();
  for (const row of rows) {
    if (!groups.has(row[column])) groups.set(row[column], []);
    groups.get(row[column]).push(row);
  }
  return groups;
}

const rate = (part, whole) => (whole < FEWEST ? null : part / whole);
const ratio = (part, whole) => (whole ? part / whole : null);

// As percentile_cont: values sorted, with counts.
function quantile(counted, share) {
  const all = counted.reduce((sum, [, count]) => sum + count, 0);
  const at = (place) => {
    let seen = 0;
    for (const [value, count] of counted) if ((seen += count) > place) return value;
    return null;
  };
  if (!all) return null;
  const place = share * (all - 1);
  const low = at(Math.floor(place));
  return low + (at(Math.ceil(place)) - low) * (place % 1);
}

function fill(select, options, value) {
  select.replaceChildren(...options.map(([id, text]) => h("option", { value: id }, text)));
  select.value = value ?? "";
}

// Fill in the selects, and call `draw` now and after every change.
function offerFilters(draw) {
  const form = document.getElementById("filters");
  const shown = () => {
    const filters = asked();
    fill(form.weeks, periods().map((period) => [period, `Last ${period} weeks`]), filters.weeks);
    for (const kind of KINDS) {
      const found = Object.keys(names[kind]).map((id) => [id, nameOf(kind, id)]);
      found.sort(([, one], [, other]) => one.localeCompare(other, "en"));
      fill(form[kind], [["", `All ${kind}s`], ...found], filters[kind]);
    }
    draw(filters);
  };
  form.addEventListener("change", () => {
    const words = ["weeks", ...KINDS].map((name) => [name, form[name].value]).filter(([, value]) => value);
    location.hash = new URLSearchParams(words);
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    location.hash = "";
  });
  addEventListener("hashchange", shown);
  shown();
}
