// The questions of the page, each a panel: [name, class, title, line below, what it shows].

const COUNTS = "sent bounced delivered tracked opened replied calls connected not_set touches booked held successes".split(" ");
const TILES = [
  ["sent", "Emails sent", "count", (sums) => sums.sent],
  ["reply_rate", "Reply rate", "rate", (_, mature) => rate(mature.replied, mature.delivered), "of mature weeks"],
  ["bounce_rate", "Bounce rate", "rate", (sums) => rate(sums.bounced, sums.sent)],
  ["open_rate", "Open rate", "rate", (sums) => rate(sums.opened, sums.tracked), "inflated: mail programs open too"],
  ["touches_per_day", "Touches per working day", "mean", (sums) => ratio(sums.touches, sums.days), "by active rep"],
  ["calls", "Calls logged", "count", (sums) => sums.calls],
  ["connect_rate", "Connect rate", "rate", (sums) => rate(sums.connected, sums.calls)],
  ["booked", "Meetings booked", "count", (sums) => sums.booked],
  ["held", "Meetings held", "count", (sums) => sums.held, "by the day they began"],
  ["successes", "Successes", "count", (sums) => sums.successes],
];

function tiles(filters) {
  const [work, worked] = [chosen("work", filters), chosen("worked", filters)];
  const active = new Set(worked.map((row) => row.rep));
  const sumsOf = (mine) => {
    const rows = work.filter(mine);
    const { touches } = summed(rows.filter((row) => active.has(row.rep)), ["touches"]);
    return { ...summed(rows, COUNTS), ...summed(worked.filter(mine), ["days"]), touches };
  };
  const [all, mature] = [sumsOf(() => true), sumsOf((row) => isMature(row.week))];
  const weekly = weeksOf(filters.weeks).map((week) => sumsOf((row) => row.week === week));
  return h("dl", { id: "tiles" }, ...TILES.map(([name, title, kind, valueOf, note]) => {
    const value = valueOf(all, mature);
    const why = value === null ? (kind === "rate" ? FEW : "no working day") : note ?? "";
    return h("div", { class: "tile", id: `tile-${name}` }, h("dt", {}, title),
      h("dd", { class: "figure", "data-value": String(value) }, written(value, kind)),
      h("dd", { class: "note" }, why || "\u00a0"), h("dd", {}, spark(weekly.map((sums) => valueOf(sums, sums)))));
  }));
}

const withTable = (drawing, numbers) => [...drawing, h("details", {}, h("summary", {}, "As a table"), numbers)];

function ratesByWeek(filters) {
  const weeks = weeksOf(filters.weeks);
  const groups = grouped(chosen("work", filters), "week");
  const rows = weeks.map((week) => ({ week, ...summed(groups.get(week) ?? [], COUNTS) }));
  const replied = (row) => rate(row.replied, row.delivered);
  const bounced = (row) => rate(row.bounced, row.sent);
  const series = [{ name: "Reply rate", values: rows.map(replied) }, { name: "Bounce rate", values: rows.map(bounced) }];
  const titles = [["Week of", "text", (row) => row.week], ["Sent", "count", (row) => row.sent], ["Reply rate", "rate", replied],
    ["Bounce rate", "rate", bounced]];
  const maturing = weeks.filter((week) => !isMature(week)).length;
  return withTable(lines(weeks, series, "rate", { maturing, width: 860 }), table(titles, rows));
}

function workload(filters) {
  const days = grouped(chosen("worked", filters), "rep");
  const work = grouped(chosen("work", filters), "rep");
  const rows = [...days].map(([rep, worked]) => ({ rep, ...summed(worked, ["days"]), ...summed(work.get(rep) ?? [], ["touches"]) }));
  const mean = (row) => ratio(row.touches, row.days);
  rows.sort((one, other) => mean(other) - mean(one));
  return rows.length ? [table([["Rep", "text", (row) => nameOf("rep", row.rep)], ["A day", "mean", mean],
    ["Touches", "count", (row) => row.touches]], rows, { bar: 1 })] : [];
}

function leaders(filters) {
  const rows = [...grouped(chosen("work", filters), "rep")].map(([rep, work]) => ({ rep, ...summed(work, COUNTS) }));
  rows.sort((one, other) => other.booked - one.booked || other.sent - one.sent || one.rep - other.rep);
  return rows.length ? [table([["Rep", "text", (row) => nameOf("rep", row.rep)], ["Sent", "count", (row) => row.sent],
    ["Reply rate", "rate", (row) => rate(row.replied, row.delivered)],
    ["Bounce rate", "rate", (row) => rate(row.bounced, row.sent), (value) => value > 0.05],
    ["Calls", "count", (row) => row.calls], ["Connect rate", "rate", (row) => rate(row.connected, row.calls)],
    ["Meetings", "count", (row) => row.booked], ["Successes", "count", (row) => row.successes],
    ["Touches per meeting", "mean", (row) => ratio(row.touches, row.booked)],
    ["Touches per success", "mean", (row) => ratio(row.touches, row.successes)]], rows)] : [];
}

function cadences(filters) {
  const counts = ["added", "emailed", "replied", "meeting", "success"];
  const rows = [...grouped(chosen("people", filters), "cadence")].map(([id, people]) => ({ id, ...summed(people, counts) }));
  rows.sort((one, other) => other.added - one.added || one.id - other.id);
  return rows.length ? [table([["Cadence", "text", (row) => nameOf("cadence", row.id)], ["People added", "count", (row) => row.added],
    ["Emailed", "count", (row) => row.emailed], ["Replied", "count", (row) => row.replied],
    ["of emailed", "rate", (row) => rate(row.replied, row.emailed)], ["Meeting", "count", (row) => row.meeting],
    ["Success", "count", (row) => row.success]], rows, { bar: 1 })] : [];
}

// Of one cadence its steps by name; else the steps of all by their place.
function steps(filters) {
  const placed = chosen("work", filters).filter((row) => row.step !== -1 && names.step[row.step]?.[1]);
  const labelled = placed.map((row) => {
    const [name, order] = names.step[row.step];
    return { ...row, order, label: filters.cadence === null ? `Step ${order}` : `${order}. ${name}` };
  });
  const rows = [...grouped(labelled, "label")].map(([label, work]) => ({ label, order: work[0].order, ...summed(work, COUNTS) }));
  rows.sort((one, other) => one.order - other.order || one.label.localeCompare(other.label));
  return rows.length ? [table([["Step", "text", (row) => row.label], ["Replies", "count", (row) => row.replied],
    ["Delivered", "count", (row) => row.delivered], ["Reply rate", "rate", (row) => rate(row.replied, row.delivered)],
    ["Calls", "count", (row) => row.calls], ["Connect rate", "rate", (row) => rate(row.connected, row.calls)]], rows, { bar: 1 })] : [];
}

function alarms(filters) {
  const rows = [...grouped(chosen("work", filters), "week")].flatMap(([week, work]) => [...grouped(work, "rep")]
    .map(([rep, mine]) => ({ week, rep, ...summed(mine, ["sent", "bounced"]) })))
    .filter((row) => row.sent >= 50 && row.bounced * 20 > row.sent);
  rows.sort((one, other) => other.week.localeCompare(one.week) || other.bounced / other.sent - one.bounced / one.sent);
  return rows.length ? [table([["Rep", "text", (row) => nameOf("rep", row.rep)], ["Week of", "text", (row) => shortDay(row.week)],
    ["Sent", "count", (row) => row.sent], ["Bounced", "count", (row) => row.bounced],
    ["Bounce rate", "rate", (row) => rate(row.bounced, row.sent), () => true]], rows.slice(0, 10))] : [];
}

function answers(filters) {
  const counts = Array(168).fill(0);
  for (const row of chosen("answers", filters)) counts[row.hour] += row.answers;
  const most = counts.indexOf(Math.max(...counts));
  const told = `Most: ${counts[most]} on ${WEEKDAYS[Math.floor(most / 24)]} from ${most % 24}:00 to ${(most % 24) + 1}:00. Hours of ${info.time_zone}.`;
  return counts.some(Boolean) ? [h("div", { class: "scroll" }, heat(counts)), h("p", { class: "note" }, told)] : [];
}

function dispositions(filters) {
  const calls = chosen("calls", filters);
  const all = summed(calls, ["calls"]).calls;
  const rows = [...grouped(calls, "disposition")].map(([name, mine]) => ({ name, ...summed(mine, ["calls", "seconds"]) }));
  rows.sort((one, other) => other.calls - one.calls || one.name.localeCompare(other.name));
  return rows.length ? [table([["Outcome", "text", (row) => row.name.replaceAll("_", " ")], ["Calls", "count", (row) => row.calls],
    ["Share", "rate", (row) => rate(row.calls, all)], ["Mean minutes", "mean", (row) => ratio(row.seconds / 60, row.calls)]], rows,
  { bar: 1 }), h("p", { class: "note" }, callsInShort(filters))] : [];
}

function callsInShort(filters) {
  const { calls, connected, not_set: unset } = summed(chosen("work", filters), COUNTS);
  const rates = [["connected", rate(connected, calls)], ["connected of those with an outcome", rate(connected, calls - unset)],
    ["have an outcome", rate(calls - unset, calls)]];
  return rates.map(([words, value]) => `${written(value, "rate")} ${words}`).join(" · ");
}

const BANDS = [["in an hour", 0, 1], ["in 4 hours", 1, 4], ["in a day", 4, 24], ["in 2 days", 24, 48], ["in a week", 48, 168],
  ["later", 168, Infinity]];

function speed(filters) {
  const counted = [...grouped(chosen("replies", filters), "tenths")].map(([tenths, rows]) => [tenths / 10, summed(rows, ["emails"]).emails]);
  counted.sort(([one], [other]) => one - other);
  const emails = counted.reduce((sum, [, count]) => sum + count, 0);
  const bands = BANDS.map(([label, from, to]) => ({ label, emails: counted.reduce((sum, [hours, count]) => sum + (from <= hours && hours < to ? count : 0), 0) }));
  const rows = [["Half of them within", "hours", quantile(counted, 0.5)], ["Nine of ten within", "hours", quantile(counted, 0.9)]];
  return emails ? [h("dl", { class: "pair" }, ...rows.flatMap(([title, kind, value]) => [h("dt", { class: "note" }, title),
    h("dd", { class: "figure", "data-value": String(value) }, written(value, kind))])),
  table([["Reply", "text", (band) => band.label], ["Emails", "count", (band) => band.emails],
    ["Share", "rate", (band) => rate(band.emails, emails)]], bands, { bar: 1 })] : [];
}

function meetings(filters) {
  const weeks = weeksOf(filters.weeks);
  const counts = ["booked", "canceled", "no_show", "held", "due"];
  const groups = grouped(chosen("meetings", filters), "week");
  const toCome = (sums) => ({ ...sums, to_come: Math.max(0, sums.booked - sums.held - sums.canceled - sums.no_show) });
  const rows = weeks.map((week) => ({ week, ...toCome(summed(groups.get(week) ?? [], counts)) }));
  const all = { week: "All", ...summed(rows, [...counts, "to_come"]) };
  const parts = [["Held", "held"], ["Canceled", "canceled"], ["No-show", "no_show"], ["Still to come", "to_come"]];
  const series = parts.map(([name, count]) => ({ name, values: rows.map((row) => row[count]) }));
  const titles = [["Booked in week of", "text", (row) => row.week], ["Booked", "count", (row) => row.booked],
    ...parts.map(([name, count]) => [name, "count", (row) => row[count]]), ["Held of due", "rate", (row) => rate(row.held, row.due)]];
  return all.booked ? withTable(columns(weeks, series, { width: 860 }), table(titles, [...rows, all])) : [];
}

function teams(filters) {
  const weeks = weeksOf(filters.weeks);
  const groups = [...grouped(chosen("work", filters), "team")].map(([team, work]) => [team, work, summed(work, ["delivered"]).delivered]);
  const most = groups.filter(([, , delivered]) => delivered).sort((one, other) => other[2] - one[2]).slice(0, 6);
  const series = most.map(([team, work]) => {
    const byWeek = grouped(work, "week");
    const sums = weeks.map((week) => summed(byWeek.get(week) ?? [], ["replied", "delivered"]));
    return { name: nameOf("team", team), values: sums.map((sum) => rate(sum.replied, sum.delivered)) };
  });
  const titles = [["Week of", "text", (row) => row.week], ...series.map(({ name, values }) => [name, "rate", (row) => values[row.n]])];
  const maturing = weeks.filter((week) => !isMature(week)).length;
  return series.length ? withTable(lines(weeks, series, "rate", { maturing, width: 560, height: 240 }), table(titles, weeks.map((week, n) => ({ week, n })))) : [];
}

function backlog(filters) {
  const groups = grouped(chosen("backlog", filters), "day");
  const days = [...groups.keys()].sort();
  const rows = days.map((day) => ({ day, ...summed(groups.get(day), ["actions", "tasks"]) }));
  const series = [["Cadence actions", "actions"], ["Tasks", "tasks"]].map(([name, count]) => ({ name, values: rows.map((row) => row[count]) }));
  return rows.length ? withTable(columns(days, series, { width: 360 }), table([["Day", "text", (row) => row.day],
    ["Overdue actions", "count", (row) => row.actions], ["Overdue tasks", "count", (row) => row.tasks]], rows)) : [];
}

function coverage(filters) {
  if (filters.cadence !== null) return [h("p", { class: "empty" }, "– Accounts belong to no cadence: show all cadences.")];
  const rows = [...grouped(chosen("coverage", filters), "tier")].map(([tier, mine]) => ({ tier, ...summed(mine, ["accounts", "touched"]) }));
  rows.sort((one, other) => one.tier.localeCompare(other.tier));
  return rows.length ? [table([["Tier", "text", (row) => row.tier], ["Touched", "rate", (row) => rate(row.touched, row.accounts)],
    ["Accounts", "count", (row) => row.accounts]], rows, { bar: 1 })] : [];
}
