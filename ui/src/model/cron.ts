// A cron line in words. The usual ones only: of others the line itself is shown, because a wrong sentence is worse than none.

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SHORT_DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const NAMED: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** For example `every Monday at 09:00`. Null if the line says something that is not known here. */
export function cronText(line: string): string | null {
  const [minute, hour, day, month, weekday, ...more] = (NAMED[line.trim()] ?? line).trim().split(/\s+/);
  if (!minute || !hour || !day || !month || !weekday || more.length) return null;
  const days = dayText(day, month, weekday);
  if (days === null) return null;
  const often = everyText(minute, hour);
  if (often) return days === "every day" ? often : `${often}, ${days}`;
  const times = timesOf(minute, hour);
  return times ? `${days} at ${times}` : null;
}

function everyText(minute: string, hour: string): string | null {
  if (hour === "*") {
    if (minute === "*") return "every minute";
    const step = stepOf(minute);
    if (step) return `every ${step} minutes`;
    if (minute === "0") return "every hour";
    return isNumber(minute) ? `every hour at minute ${minute}` : null;
  }
  const step = stepOf(hour);
  if (!step || !isNumber(minute)) return null;
  return minute === "0" ? `every ${step} hours` : `every ${step} hours at minute ${minute}`;
}

function timesOf(minute: string, hour: string): string | null {
  const hours = hour.split(",");
  if (!isNumber(minute) || !hours.every(isNumber)) return null;
  return listed(hours.map(each => `${two(each)}:${two(minute)}`));
}

function dayText(day: string, month: string, weekday: string): string | null {
  if (day === "*" && month === "*") return weekdayText(weekday);
  if (weekday !== "*") return null;
  const days = day.split(",");
  if (!days.every(isNumber)) return null;
  if (month === "*") return `on day ${listed(days)} of every month`;
  const name = isNumber(month) ? MONTHS[Number(month) - 1] : undefined;
  return name ? `on ${listed(days)} ${name}` : null;
}

function weekdayText(weekday: string): string | null {
  const text = weekday.toUpperCase();
  if (text === "*") return "every day";
  if (text === "1-5" || text === "MON-FRI") return "on weekdays";
  const names = text.split(",").map(each => {
    const at = SHORT_DAYS.indexOf(each);
    return at >= 0 ? DAYS[at] : isNumber(each) ? DAYS[Number(each) % 7] : undefined;
  });
  return names.every(each => each !== undefined) ? `every ${listed(names)}` : null;
}

const isNumber = (text: string): boolean => /^\d{1,2}$/.test(text);
const stepOf = (text: string): string | null => /^(?:\*|0)\/([2-9]|[1-9]\d)$/.exec(text)?.[1] ?? null;
const two = (text: string): string => text.padStart(2, "0");
const listed = (all: readonly string[]): string =>
  all.length > 1 ? `${all.slice(0, -1).join(", ")} and ${all.at(-1)}` : (all[0] ?? "");
