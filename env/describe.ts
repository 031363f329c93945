/** How error messages show what they got instead of what they expected. */

/** On one line, the first eight of a list; text in quotes and bigints with their n, so that they do not pass for numbers. */
export function describe(value: unknown): string {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const values = Array.from(value as unknown as ArrayLike<unknown>);
    return `[${values.slice(0, 8).map(describe).join(", ")}${values.length > 8 ? ", …" : ""}]`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "bigint" ? `${value}n` : String(value);
}
