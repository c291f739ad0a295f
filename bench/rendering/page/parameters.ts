const query = new URLSearchParams(location.search)

/** A number of the page's address; NaN where there is none. */
export function numberParameter(name: string): number {
  return Number(query.get(name) ?? Number.NaN)
}

/** Whether the page's address names something. */
export function hasParameter(name: string): boolean {
  return query.has(name)
}
